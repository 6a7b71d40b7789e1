"""``agreement.json`` and its Parquet form."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from judge.agreement.comparisons import Result
from judge.api.versions import library_versions
from judge.store.files import aside_of, make_folder, publish, storing, write_json

if TYPE_CHECKING:
    from judge.api.agreeing.agree import AgreementReport


def agreement_document(report: "AgreementReport") -> dict[str, Any]:
    """Return the document of a report; undefined numbers are null."""
    from judge.api.agreeing.agree import FORMAT

    ratings, options = report.ratings, report.options
    n_by_rater: dict[str, int] = {}
    for rating in ratings.ratings:
        if rating.level is not None:
            n_by_rater[rating.rater] = n_by_rater.get(rating.rater, 0) + 1
    return {
        "format": FORMAT,
        "source": report.source,
        "inputs": [asdict(one) for one in report.inputs],
        "levels": {name: scale.shown for name, scale in ratings.scales.items()},
        "n_items": len({rating.item for rating in ratings.ratings}),
        "n_cases": len({rating.case_id for rating in ratings.ratings}),
        "raters": [
            {"id": r.id, "role": r.role, "simulated": r.is_simulated, "n_ratings": n_by_rater.get(r.id, 0)}
            for r in ratings.raters
        ],
        "seed": options.seed,
        "options": {
            "ci": options.ci,
            "n_resamples": options.n_resamples,
            "epsilons": list(options.epsilons),
            "margin": options.margin,
            "bias_margin": options.bias_margin,
            "by": options.by,
            "declared": {name: scale.is_declared for name, scale in ratings.scales.items()},
            "ordered": {name: scale.is_ordered for name, scale in ratings.scales.items()},
        },
        "versions": dict(library_versions()),
        "results": [result_row(result) for result in report.results],
        "verdicts": [
            {
                "dimension": v.dimension,
                "comparison": v.comparison,
                "raters": list(v.raters),
                "claim": v.claim,
                "answer": v.answer,
                "reason": v.reason,
                "n_more_cases": v.n_more_cases,
            }
            for v in report.verdicts
        ],
        "warnings": list(report.warnings),
    }


def result_row(result: Result) -> dict[str, Any]:
    """Return one element of ``results``."""
    found = result.estimate
    return {
        "dimension": result.dimension,
        "group": dict(result.group) or "*",
        "comparison": result.comparison,
        "raters": list(result.raters),
        "statistic": found.statistic,
        "variant": found.variant,
        "value": found.value,
        "se": found.se,
        "ci_low": found.ci_low,
        "ci_high": found.ci_high,
        "ci_level": found.ci_level if found.ci_method is not None else None,
        "ci_method": found.ci_method,
        "p_value": found.p_value,
        "p_adjusted": result.p_adjusted,
        "adjustment": result.adjustment,
        "method": found.method,
        "n_items": found.n_items,
        "n_ratings": found.n_ratings,
        "n_missing": found.n_missing,
        "n_resamples": found.n_resamples,
        "n_resamples_undefined": found.n_resamples_undefined,
        "undefined": found.undefined,
        "detail": dict(found.detail),
        "warnings": list(found.warnings),
    }


def write_agreement(report: "AgreementReport", path: Path) -> None:
    """Write a report as JSON or, by the name's ending, its results as Parquet.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    make_folder(path.parent)
    document = agreement_document(report)
    if path.suffix == ".parquet":
        _write_parquet(document, path)
    else:
        write_json(path, document)


def _write_parquet(document: Mapping[str, Any], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = ("group", "detail", "warnings")
    rows = [
        {name: json.dumps(v, ensure_ascii=False, sort_keys=True) if name in texts else v for name, v in row.items()}
        for row in document["results"]
    ]
    about = {name: document[name] for name in document if name != "results"}
    table = pa.Table.from_pylist(rows, schema=_schema())
    described = table.replace_schema_metadata({"judge-agreement": json.dumps(about, ensure_ascii=False)})
    with storing(path):
        pq.write_table(described, aside_of(path), compression="zstd")
    publish(aside_of(path), path)


def _schema() -> Any:
    import pyarrow as pa

    text, number, count = pa.string(), pa.float64(), pa.int64()
    types = {
        **dict.fromkeys(("dimension", "group", "comparison"), text),
        "raters": pa.list_(text),
        **dict.fromkeys(("statistic", "variant"), text),
        **dict.fromkeys(("value", "se", "ci_low", "ci_high", "ci_level"), number),
        "ci_method": text,
        **dict.fromkeys(("p_value", "p_adjusted"), number),
        **dict.fromkeys(("adjustment", "method"), text),
        **dict.fromkeys(("n_items", "n_ratings", "n_missing", "n_resamples", "n_resamples_undefined"), count),
        **dict.fromkeys(("undefined", "detail", "warnings"), text),
    }
    return pa.schema(list(types.items()))
