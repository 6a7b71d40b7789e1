import pytest

from judge.domain.panel import Price
from judge.errors import ConfigError
from judge.panel.config import panel_of_models, read_panel

PANEL = """\
name: three-families
aggregation: median
quorum: 2
judges:
  - id: sonnet
    model: anthropic/claude-sonnet-4-5
    repeats: 2
    params: {temperature: 0}
    api_key_env: ANTHROPIC_API_KEY
    rpm: 500
    price: {input_per_mtok: 3, output_per_mtok: 15}
  - id: thinker
    model: openai/o4-mini
    params: {reasoning_effort: low}
  - id: local
    model: openai/qwen
    api_base: http://127.0.0.1:8000/v1
"""


def written(tmp_path, text):
    path = tmp_path / "panel.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(tmp_path, text):
    with pytest.raises(ConfigError) as caught:
        read_panel(written(tmp_path, text))
    assert caught.value.exit_code == 2
    assert "panel.yaml" in str(caught.value)
    return str(caught.value)


def one_judge(*lines):
    return "judges:\n  - id: a\n    model: openai/gpt-4o-mini\n" + "".join(f"    {line}\n" for line in lines)


def test_a_panel_file_is_read_with_its_defaults(tmp_path):
    panel = read_panel(written(tmp_path, PANEL))
    sonnet, thinker, local = panel.judges
    assert panel.quorum_needed == 2
    assert (sonnet.repeats, sonnet.rpm, sonnet.timeout_s, sonnet.granularity) == (2, 500, 120.0, "response")
    assert sonnet.price == Price(3.0, 15.0)
    assert dict(sonnet.params) == {"temperature": 0, "max_tokens": 4000}
    assert thinker.params["max_tokens"] == 16000
    assert local.api_base == "http://127.0.0.1:8000/v1"


def test_the_quorum_is_more_than_half_of_the_judges_where_none_is_named():
    assert panel_of_models(["openai/a"]).quorum_needed == 1
    assert panel_of_models(["openai/a", "openai/b"]).quorum_needed == 2
    assert panel_of_models(["openai/a", "openai/b", "openai/c"]).quorum_needed == 2
    assert panel_of_models(["openai/a", "openai/b", "openai/c", "openai/d"]).quorum_needed == 3


def test_without_judges_the_offline_judge_is_the_panel():
    (only,) = panel_of_models([]).judges
    assert only.is_offline
    assert dict(only.params) == {}


def test_the_same_model_twice_on_the_command_line_points_to_repeats():
    with pytest.raises(ConfigError, match="given twice"):
        panel_of_models(["openai/a", "openai/a"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (one_judge("repeat: 2"), 'unknown key "judges[0].repeat", did you mean "repeats"?'),
        ("agregation: median\n" + one_judge(), 'unknown key "agregation", did you mean "aggregation"?'),
        (one_judge("api_key: sk-123"), "`judges.0.api_key` would hold a credential"),
        (one_judge("params: {extra_headers: {Authorization: Bearer x}}"), "would hold a credential"),
        (one_judge("params: {extra_headers: {X-Team: a}}"), "it could carry a credential"),
        (one_judge("api_base: http://user:pass@host/v1"), "is a URL that carries a credential"),
        (one_judge("api_base: https://host/v1?api_key=abc"), "is a URL that carries a credential"),
        (one_judge("api_base: https://host/v1?api-version=2025-01-01"), "put api_version and the like into `params`"),
        (one_judge("api_base: 'https://host/v1#x'"), '`api_base` takes no "?" or "#"'),
        (one_judge("params: {num_retries: 3}"), "it retries"),
        (one_judge("params: {caching: true}"), "it caches"),
        (one_judge("params: {fallbacks: [openai/b]}"), "it falls back"),
        (one_judge("params: {stream: true}"), "it streams"),
        (one_judge("params: {mock_response: hi}"), "it mocks"),
        (one_judge("params: {n: 3}"), "use `repeats`"),
        (one_judge("repeats: 0"), "`judges[0].repeats`"),
        (one_judge("granularity: word"), "`judges[0].granularity`"),
        (one_judge("api_key_env: sk-ant-secret"), "`judges[0].api_key_env`"),
        ("quorum: 2\n" + one_judge(), "quorum 2 cannot be reached by 1 judge(s)"),
        ("aggregation: weighted\n" + one_judge(), "name it in `calibration`"),
        ("local_only: true\n" + one_judge(), "`local_only` refuses an endpoint off this machine"),
        ("judges: []\n", "`judges`"),
        ("- a\n", "a panel file is a mapping"),
        ("judges:\n  - {id: a, model: offline/lexikon}\n", 'no offline judge is called "offline/lexikon"'),
        (one_judge() + "  - id: a\n    model: openai/b\n", 'two judges are called "a"'),
        ("judges: [\n", "line 2"),
        ("judges: &all [*all]\n", "line 1, column 15: anchors and aliases are not read here"),
        (one_judge() + "judges: []\n", 'the key "judges" stands twice'),
        ("judges: " + "[" * 5000, "nested too deeply"),
        (one_judge("api_base: localhost:8000"), "`api_base` is no http(s) URL"),
        (one_judge("api_base: 'http://[::1'"), "`api_base` is no http(s) URL"),
        (one_judge("api_base: http://host:80000/v1"), "`api_base` is no http(s) URL"),
        (one_judge("params: {max_tokens: lots}"), "`params.max_tokens` is no whole number from 1 upwards"),
        (one_judge("params: {max_tokens: null}"), "`params.max_tokens` is no whole number from 1 upwards"),
        (one_judge("params: {temperature: .nan}"), "`params.temperature` holds what JSON cannot"),
        (one_judge("params: {seed: 2026-01-01}"), "`params.seed` holds what JSON cannot"),
        ("local_only: true\n" + one_judge("api_base: http://127.evil.example/v1"), "`local_only` refuses"),
    ],
)
def test_a_faulty_panel_file_is_refused_with_its_fault(tmp_path, text, expected):
    assert expected in refusal(tmp_path, text)


def test_all_faults_come_in_one_message_and_no_secret_is_repeated(tmp_path):
    message = refusal(tmp_path, "nam: x\n" + one_judge("api_key: sk-very-secret", "tmp: 3"))
    assert "3 faults" in message
    assert "sk-very-secret" not in message


def test_what_a_query_string_holds_is_not_repeated(tmp_path):
    assert "sesame" not in refusal(tmp_path, one_judge("api_base: https://host/v1?sig=sesame"))


def test_a_key_written_where_its_variables_name_belongs_is_not_repeated(tmp_path):
    message = refusal(tmp_path, one_judge("api_key_env: sk-very-secret"))
    assert "sk-very-secret" not in message
    assert "the name of an environment variable" in message


def test_an_unknown_offline_judge_is_refused_on_the_command_line_too():
    with pytest.raises(ConfigError, match="there is offline/lexicon"):
        panel_of_models(["offline/lexikon"])


def test_token_ids_are_no_credential(tmp_path):
    (one,) = read_panel(written(tmp_path, one_judge("params: {extra_body: {stop_token_ids: [1]}}"))).judges
    assert one.params["extra_body"] == {"stop_token_ids": [1]}


def test_a_local_providers_own_endpoint_is_local(tmp_path):
    text = "local_only: true\njudges:\n  - {id: a, model: ollama/llama3}\n"
    assert read_panel(written(tmp_path, text)).local_only


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        read_panel(tmp_path / "none.yaml")


def test_private_hosts_and_loopback_are_local(tmp_path):
    text = "local_only: true\nprivate_hosts: [gpu.ward]\n" + one_judge("api_base: http://gpu.ward:8000/v1")
    assert read_panel(written(tmp_path, text)).local_only
