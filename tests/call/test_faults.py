"""Every exception of litellm is understood: what is tried again, what is a row, what stops the run."""

import inspect
from email.utils import formatdate
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import pytest
from packaging.version import Version

from judge.call.faults import RULES, retry_after, understand
from judge.call.retries import Retries
from judge.call.tame import litellm_module

NOW = 1_700_000_000.0
TABLE_IS_OF = Version("1.110.2")
"""The release of litellm whose exceptions the table names; raise it with the table."""


def exception_classes() -> dict[str, type[BaseException]]:
    module = litellm_module().exceptions
    return {
        name: found
        for name, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, BaseException) and found.__module__ == module.__name__
    }


def test_every_class_of_litellm_is_in_the_table_and_no_other() -> None:
    """A release after the one that the table was read against may have more: those go by the class they derive from."""
    installed, classes = Version(version("litellm")), exception_classes()
    unknown = classes.keys() - RULES.keys()
    if installed <= TABLE_IS_OF:
        assert unknown == set()
    if installed == TABLE_IS_OF:
        assert RULES.keys() - classes.keys() == set()
    bases = {name: {base.__name__ for base in classes[name].__mro__[1:]} for name in unknown}
    assert [name for name, above in bases.items() if not above & RULES.keys()] == []


class APIError(Exception):
    def __init__(self, status_code: int, **members: Any) -> None:
        super().__init__(f"status {status_code}")
        self.status_code = status_code
        self.__dict__.update(members)


class RateLimitError(Exception):
    pass


@pytest.mark.parametrize(
    ("status", "handling", "is_billed"),
    [
        (400, "negotiate", False), (401, "stop", False), (402, "stop", False), (403, "stop", False),
        (404, "stop", False), (408, "retry", True), (413, "row", False), (422, "negotiate", False),
        (429, "retry", False), (500, "retry", True), (502, "retry", True), (503, "retry", False),
        (504, "retry", True), (529, "retry", False),
    ],
)  # fmt: skip
def test_a_generic_error_is_read_by_its_status(status: int, handling: str, is_billed: bool) -> None:
    rule = understand(APIError(status)).rule
    assert (rule.handling, rule.is_billed) == (handling, is_billed)


def test_what_nobody_knows_is_tried_again_and_booked() -> None:
    rule = understand(IndexError("list index out of range")).rule
    assert (rule.handling, rule.failure, rule.is_billed) == ("retry", "provider_error", True)


def test_a_time_limit_of_our_own_is_a_timeout() -> None:
    assert understand(TimeoutError()).rule.failure == "timeout"


def test_an_account_without_money_stops_although_it_says_429() -> None:
    error = RateLimitError("You exceeded your current quota")
    assert understand(error).rule.handling == "retry"
    error.body = {"code": "insufficient_quota"}  # type: ignore[attr-defined]
    assert understand(error).rule.handling == "stop"


def test_what_never_left_the_machine_is_not_booked() -> None:
    try:
        try:
            raise ConnectionRefusedError(111)
        except ConnectionRefusedError as cause:
            raise APIError(500) from cause
    except APIError as error:
        rule = understand(error).rule
    assert (rule.handling, rule.is_billed) == ("retry", False)


def test_an_endpoint_that_is_not_there_is_no_reason_to_send_less_at_once() -> None:
    class ConnectError(Exception):
        pass

    error = APIError(500)
    error.__cause__ = ConnectError("refused")
    assert not understand(error).is_congestion
    assert understand(APIError(503)).is_congestion
    assert understand(TimeoutError()).is_congestion


def test_a_text_that_cannot_be_encoded_is_a_row_at_once() -> None:
    with pytest.raises(UnicodeEncodeError) as caught:
        "\ud800".encode()
    assert understand(caught.value).rule.handling == "row"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after": formatdate(NOW + 20, usegmt=True)}, 20.0),
        ({"retry-after": formatdate(NOW - 20, usegmt=True)}, 0.0),
        ({"retry-after": "99999999"}, 3600.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    error = APIError(429, response=SimpleNamespace(headers=headers))
    assert retry_after(error, NOW) == (None if seconds is None else pytest.approx(seconds))


def test_a_provider_that_asks_for_too_long_a_wait_is_not_waited_for() -> None:
    from random import Random

    fault = understand(APIError(429, response=SimpleNamespace(headers={"retry-after": "700"})))
    assert Retries(longest_wait_s=600).delay_s(1, fault, Random(1)) is None


def test_waits_grow_stay_under_their_cap_and_repeat_with_the_seed() -> None:
    from random import Random

    fault, retries = understand(APIError(500)), Retries(base_s=1.0, cap_s=4.0)
    waits = [[retries.delay_s(n, fault, Random(seed)) for n in range(1, 6)] for seed in (3, 3, 4)]
    assert waits[0] == waits[1] != waits[2]
    assert all(wait is not None and 0.0 <= wait <= min(4.0, 2.0 ** (n - 1)) for n, wait in enumerate(waits[0], 1))
