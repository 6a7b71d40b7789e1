"""The columns of a run's Parquet files, in their order."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_VERDICTS = """response_id:s case_id:s model:s task:s language:s judge:s repeat:i dimension:s level:f status:s reason:s
coverage:f granularity:s reference_problem:s injection_suspected:b rubric_id:s rubric_hash:s prompt_hash:s judge_hash:s
served_model:s call_keys:S"""
_CALLS = """call_key:s response_id:s judge:s repeat:i scope:s attempt:i status:s served_model:s prompt_tokens:i
cached_tokens:i completion_tokens:i cost_usd:f is_cost_estimated:b latency_s:f"""
_CRITERIA = """response_id:s judge:s repeat:i kind:s id:s dimension:s met:s credit:f points:f quotes:S quote_found:b
absence:s tier:s basis:s"""
_GRADES = """response_id:s case_id:s model:s task:s language:s meta:s dimension:s level:f level_gated:f
level_missing_low:f level_missing_high:f level_calibrated:f level_calibrated_low:f level_calibrated_high:f n_verdicts:i
n_unscored:i spread:f coverage:f flags:S score:f score_uncapped:f cap:f weight_scored:f score_low:f score_high:f
score_calibrated:f gates:S gates_pending:S needs_human:b status:s rubric_hash:s panel_hash:s core_mean:f n_core:i
worst_severity:i worst_tier:s critical_source:s checklist_hash:s"""
_BASELINES = "response_id:s name:s value:f"

TABLES: Mapping[str, str] = {
    "verdicts": _VERDICTS,
    "calls": _CALLS,
    "criteria": _CRITERIA,
    "grades": _GRADES,
    "baselines": _BASELINES,
}
"""Column names with a letter for the type: s text, i integer, f float, b boolean, S list of texts."""


def column_names(table: str) -> tuple[str, ...]:
    """Return the column names of a table in order."""
    return tuple(word.split(":")[0] for word in TABLES[table].split())


def schema(table: str) -> "pa.Schema":
    """Return the Arrow schema of a table."""
    import pyarrow as pa

    types = {"s": pa.string(), "i": pa.int64(), "f": pa.float64(), "b": pa.bool_(), "S": pa.list_(pa.string())}
    return pa.schema([(name, types[letter]) for name, letter in (word.split(":") for word in TABLES[table].split())])
