"""Where the numbers come from: inputs, rubric, panel, versions, dates."""

from collections.abc import Mapping, Sequence
from typing import Any

from judge.domain.language import say
from judge.domain.rubric import Rubric
from judge.report.parts import AgreementPart, AgreementRow, InputFile, RubricPart, RunPart
from judge.report.text import visible

_HEADLINE = {
    ("krippendorff_alpha", "ordinal"),
    ("krippendorff_alpha", "interval"),
    ("cohen_kappa", "quadratic"),
    ("cohen_kappa", "quadratic (values)"),
    ("gwet_ac2", "quadratic"),
    ("icc", "ICC(2,1)"),
    ("exact_agreement", ""),
    ("within_one", ""),
    ("bias", ""),
}


def rubric_part(rubric: Rubric, language: str) -> RubricPart:
    """Return what a card says of the rubric."""
    signoff = rubric.signoff
    return RubricPart(
        id=visible(rubric.id),
        version=rubric.version,
        hash=rubric.hash,
        title=visible(say(rubric.title, language)),
        is_signed=signoff.status == "signed",
        signed_by=None if signoff.by is None else visible(signoff.by),
        signed_on=None if signoff.date is None else visible(signoff.date),
        n_items=len(signoff.items),
        n_items_signed=len(set(signoff.signed) & set(signoff.items)),
        has_gates=bool(rubric.gates),
    )


def run_part(manifest: Mapping[str, Any]) -> RunPart:
    """Return what a card says of one run; what the manifest does not hold is left out."""
    return RunPart(
        plan_hash=visible(manifest.get("plan_hash") or "–"),
        prompt_hash=visible(manifest.get("prompt_hash") or "–"),
        is_complete=bool(manifest.get("complete")),
        limit=(manifest.get("options") or {}).get("limit"),
        seed=visible(manifest.get("seed", "–")),
        inputs=tuple(
            InputFile(visible(entry.get("path", "–")), visible(entry.get("sha256", "–")), entry.get("rows"))
            for entry in manifest.get("inputs") or ()
        ),
        versions=_pairs(manifest.get("versions")),
        times=_pairs(manifest.get("times")),
        panel=_panel(manifest),
        stopped=None if manifest.get("stopped") is None else visible(manifest["stopped"]),
    )


def agreement_part(agreement: Mapping[str, Any] | None) -> AgreementPart | None:
    """Return the headline statistics between panel and physicians, over all answers; None without a comparison.

    The mean over physicians stands for the pairs that it is made of.
    """
    if agreement is None:
        return None
    rows = [
        row
        for row in agreement.get("results") or ()
        if row.get("comparison") == "panel-physician"
        and row.get("group", "*") == "*"
        and (row.get("statistic"), row.get("variant") or "") in _HEADLINE
    ]
    with_mean = {_statistic_of(row) for row in rows if len(_physicians(row)) > 1}
    shown = [row for row in rows if len(_physicians(row)) > 1 or _statistic_of(row) not in with_mean]
    return AgreementPart(tuple(_agreement_row(row) for row in shown), _has_simulated_raters(agreement))


def _statistic_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row.get("dimension", "*"), row["statistic"], row.get("variant") or ""


def _physicians(row: Mapping[str, Any]) -> Sequence[Any]:
    """Return the raters of a row but the panel, which stands first."""
    return (row.get("raters") or ())[1:]


def _has_simulated_raters(agreement: Mapping[str, Any]) -> bool:
    raters = [rater for rater in agreement.get("raters") or () if isinstance(rater, Mapping)]
    said = any("simulated" in str(warning) for warning in agreement.get("warnings") or ())
    return said or bool(agreement.get("simulated")) or any(rater.get("simulated") for rater in raters)


def _agreement_row(row: Mapping[str, Any]) -> AgreementRow:
    variant = f" ({row['variant']})" if row.get("variant") else ""
    return AgreementRow(
        dimension=visible(row.get("dimension", "*")),
        statistic=visible(f"{row['statistic']}{variant}"),
        value=row.get("value"),
        ci_low=row.get("ci_low"),
        ci_high=row.get("ci_high"),
        n_items=row.get("n_items"),
        undefined=None if row.get("undefined") is None else visible(row["undefined"]),
        physicians=tuple(visible(rater) for rater in _physicians(row)),
    )


def _panel(manifest: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    rule = manifest.get("aggregation")
    known = {**rule} if isinstance(rule, Mapping) else {"rule": rule}
    return _pairs({**known, "hash": manifest.get("panel_hash")})


def _pairs(found: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(found, Mapping):
        return ()
    return tuple((visible(key), visible(value)) for key, value in found.items() if value is not None)
