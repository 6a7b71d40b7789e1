"""The panel file: who judges, with which decoding, under which limits."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pydantic
import yaml

from judge.call.routing import endpoint_kind, endpoint_of
from judge.domain.panel import OFFLINE_PREFIX, Aggregation, Granularity, Judge, Panel, Price
from judge.errors import ConfigError, did_you_mean
from judge.panel.reasoning import is_reasoning
from judge.panel.refusals import find_credentials, is_credential, params_faults
from judge.panel.strict_yaml import parse_yaml

DEFAULT_JUDGE = "offline/lexicon"
DEFAULT_MAX_TOKENS = 4000
REASONING_MAX_TOKENS = 16000


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", strict=False)


class _PriceEntry(_Strict):
    input_per_mtok: float = pydantic.Field(ge=0)
    output_per_mtok: float = pydantic.Field(ge=0)


class _JudgeEntry(_Strict):
    id: str = pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    model: str = pydantic.Field(min_length=1)
    repeats: int = pydantic.Field(default=1, ge=1, le=100)
    params: dict[str, Any] = pydantic.Field(default_factory=dict)
    api_base: str | None = None
    api_key_env: str | None = pydantic.Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    rpm: int | None = pydantic.Field(default=None, ge=1)
    tpm: int | None = pydantic.Field(default=None, ge=1)
    max_concurrency: int = pydantic.Field(default=16, ge=1, le=10_000)
    timeout_s: float = pydantic.Field(default=120.0, gt=0)
    price: _PriceEntry | None = None
    granularity: Granularity = "response"
    program: str | None = None


class _PanelFile(_Strict):
    name: str = "panel"
    aggregation: Aggregation = "median"
    calibration: str | None = None
    quorum: int | None = pydantic.Field(default=None, ge=1)
    local_only: bool = False
    private_hosts: list[str] = pydantic.Field(default_factory=list)
    limits_shared_by: Literal["endpoint", "judge"] = "endpoint"
    judges: list[_JudgeEntry] = pydantic.Field(min_length=1)


def read_panel(path: Path) -> Panel:
    """Read a panel file.

    Raises
    ------
    ConfigError
        For unreadable YAML, an unknown key (with "did you mean"), a credential, a litellm option that retries, caches,
        falls back, streams or mocks, an endpoint with a query, two judges with one id, or a quorum that cannot be
        reached; all faults at once.
    """
    document = _read_yaml(path)
    faults = [*find_credentials(document, ()), *_unknown_shape(document)]
    if faults:
        raise _refusal(path, faults)
    try:
        entry = _PanelFile.model_validate(document)
    except pydantic.ValidationError as error:
        raise _refusal(path, [_validation_fault(item) for item in error.errors()]) from error
    faults = _panel_faults(entry)
    if faults:
        raise _refusal(path, faults)
    return _to_panel(entry, path.parent)


def panel_of_models(models: Sequence[str]) -> Panel:
    """Return the panel of ``--judge MODEL …``; the offline judge where none is named."""
    names = list(models) or [DEFAULT_JUDGE]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ConfigError(
            f"--judge {repeated[0]} is given twice",
            hint="To ask a judge several times, write a panel file and set its `repeats`.",
        )
    unknown = [fault for name in names if (fault := _offline_fault(name)) is not None]
    if unknown:
        raise ConfigError(f"--judge: {unknown[0]}", hint="Nothing was run.")
    judges = tuple(Judge(id=name, model=name, params=_with_max_tokens(name, {})) for name in names)
    return Panel(judges=judges, name="default" if not models else "command line")


def _read_yaml(path: Path) -> Any:
    try:
        return parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read ({error.strerror})", hint="Check the path given to --panel."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 (byte {error.start})", hint="Save the file as UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigError(f"{path}{where}: {problem}", hint="Mend the YAML; nothing was run.") from error


def _refusal(path: Path, faults: Sequence[str]) -> ConfigError:
    if len(faults) == 1:
        return ConfigError(f"{path}: {faults[0]}", hint="Nothing was run.")
    listed = "\n".join(f"  {fault}" for fault in faults)
    return ConfigError(f"{path}: {len(faults)} faults\n{listed}", hint="Nothing was run.")


def _unknown_shape(document: Any) -> list[str]:
    if not isinstance(document, dict):
        return ["a panel file is a mapping with `judges:`"]
    faults = _unknown_keys(document, _PanelFile, "")
    judges = document.get("judges")
    for index, entry in enumerate(judges if isinstance(judges, list) else []):
        if isinstance(entry, dict):
            faults += _unknown_keys(entry, _JudgeEntry, f"judges[{index}].")
    return faults


def _unknown_keys(mapping: Mapping[Any, Any], model: type[pydantic.BaseModel], where: str) -> list[str]:
    known = model.model_fields
    return [
        f'unknown key "{where}{key}"{did_you_mean(str(key), known)}'
        for key in mapping
        if key not in known and not is_credential(str(key))
    ]


def _validation_fault(item: Any) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]).lstrip(".")
    if item["loc"][-1] == "api_key_env":  # never quoted: it may be the key itself
        return f"`{where}` takes the name of an environment variable (letters, digits, _), never the key itself"
    return f"`{where}`: {item['msg'][:1].lower()}{item['msg'][1:]} (found {item['input']!r:.60})"


def _panel_faults(entry: _PanelFile) -> list[str]:
    ids = [judge.id for judge in entry.judges]
    faults = [
        f'two judges are called "{i}"; to ask one twice set `repeats`' for i in sorted(set(ids)) if ids.count(i) > 1
    ]
    if entry.quorum is not None and entry.quorum > len(ids):
        faults.append(f"quorum {entry.quorum} cannot be reached by {len(ids)} judge(s)")
    if entry.aggregation == "weighted" and entry.calibration is None:
        faults.append("aggregation `weighted` takes its weights from a calibration; name it in `calibration`")
    return faults + [fault for judge in entry.judges for fault in _judge_faults(judge, entry)]


def _judge_faults(judge: _JudgeEntry, panel: _PanelFile) -> list[str]:
    faults = [f'judge "{judge.id}": {fault}' for fault in params_faults(judge.params)]
    if judge.model.startswith(OFFLINE_PREFIX) and (judge.params or judge.api_base or judge.program):
        faults.append(f'judge "{judge.id}": an offline judge takes no params, api_base or program')
    if (unknown := _offline_fault(judge.model)) is not None:
        faults.append(f'judge "{judge.id}": {unknown}')
    if judge.api_base is not None and not _is_url(judge.api_base):
        faults.append(f'judge "{judge.id}": `api_base` is no http(s) URL')
    elif judge.api_base is not None and _has_query(judge.api_base):
        faults.append(f'judge "{judge.id}": `api_base` takes no "?" or "#"; put api_version and the like into `params`')
    elif panel.local_only and not judge.model.startswith(OFFLINE_PREFIX) and not _is_local(judge, panel):
        faults.append(
            f'judge "{judge.id}": `local_only` refuses an endpoint off this machine; give it an `api_base` on '
            "127.0.0.1 or list its host in `private_hosts`"
        )
    return faults


def _offline_fault(model: str) -> str | None:
    if not model.startswith(OFFLINE_PREFIX) or model == DEFAULT_JUDGE:
        return None
    return f'no offline judge is called "{model}"; there is {DEFAULT_JUDGE}'


def _is_url(api_base: str) -> bool:
    try:
        parts = urlsplit(api_base)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_port


def _has_query(api_base: str) -> bool:
    """Whether a URL says more than where: neither ledger nor judge hash would tell two such endpoints apart."""
    return "?" in api_base or "#" in api_base


def _is_local(judge: _JudgeEntry, panel: _PanelFile) -> bool:
    endpoint = endpoint_of(Judge(id=judge.id, model=judge.model, api_base=judge.api_base))
    return endpoint_kind(endpoint, panel.private_hosts) != "public"


def _with_max_tokens(model: str, params: Mapping[str, Any]) -> dict[str, Any]:
    if model.startswith(OFFLINE_PREFIX) or {"max_tokens", "max_completion_tokens"} & params.keys():
        return dict(params)
    default = REASONING_MAX_TOKENS if is_reasoning(model, params) else DEFAULT_MAX_TOKENS
    return {**params, "max_tokens": default}


def _to_panel(entry: _PanelFile, folder: Path) -> Panel:
    return Panel(
        judges=tuple(_to_judge(judge, folder) for judge in entry.judges),
        name=entry.name,
        aggregation=entry.aggregation,
        quorum=entry.quorum,
        calibration=_beside(entry.calibration, folder),
        local_only=entry.local_only,
        private_hosts=tuple(entry.private_hosts),
        limits_shared_by=entry.limits_shared_by,
    )


def _to_judge(judge: _JudgeEntry, folder: Path) -> Judge:
    price = judge.price
    return Judge(
        id=judge.id,
        model=judge.model,
        repeats=judge.repeats,
        params=_with_max_tokens(judge.model, judge.params),
        api_base=judge.api_base,
        api_key_env=judge.api_key_env,
        rpm=judge.rpm,
        tpm=judge.tpm,
        max_concurrency=judge.max_concurrency,
        timeout_s=judge.timeout_s,
        price=None if price is None else Price(price.input_per_mtok, price.output_per_mtok),
        granularity=judge.granularity,
        program=_beside(judge.program, folder),
    )


def _beside(name: str | None, folder: Path) -> str | None:
    return None if name is None else os.fspath(folder / name)
