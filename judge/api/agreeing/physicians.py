"""Physicians' ratings of a run's answers: their rows of a ratings table, on the dimensions of the run's rubric."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from judge.api.agreeing.problems import Problem, collapsed, n_places
from judge.api.agreeing.ratings import Row, read_rows
from judge.domain.rubric import Rubric
from judge.errors import DataError, did_you_mean


def read_physicians(path: Path) -> list[Row]:
    """Return the physicians' rows of a ratings table; without a column ``role`` all rows are theirs.

    Raises
    ------
    DataError
        If the table is wrong, or holds no row of a physician.
    """
    read = [row for row in read_rows(path, role="physician") if row.role == "physician"]
    if not read:
        raise DataError(f"{path}: holds no row with the role physician")
    return read


def refuse_other_dimensions(path: Path, rows: Sequence[Row], rubric: Rubric, asked: Collection[str]) -> None:
    """Refuse rows on a dimension, gate or criterion that the rubric does not have.

    Parameters
    ----------
    path
        The file, for the message.
    rows
        Of physicians.
    rubric
        The run's.
    asked
        Ids of further criteria that the run's judges were asked for, of the cases' own checklists.

    Raises
    ------
    DataError
        If there is such a row: all of them, each with the nearest name.
    """
    known = {
        **{dimension.id: dimension.id for dimension in rubric.dimensions},
        **{f"gate:{gate.id}": gate.id for gate in rubric.gates},
        **{f"criterion:{id}": id for id in [*(criterion.id for criterion in rubric.criteria), *asked]},
    }
    others = {row.dimension for row in rows} - set(known)
    meant = {name: _near(name, known, rubric) for name in others}
    problems = [
        Problem(row.place, f'dimension: the rubric has no "{row.dimension}"{meant[row.dimension]}')
        for row in rows
        if row.dimension in others
    ]
    if problems:
        raise DataError(
            f"{path}: {n_places(problems)} rows have a dimension that is not in {rubric.id} v{rubric.version}",
            problems=collapsed(problems),
            hint=f"The rubric has {', '.join(dimension.id for dimension in rubric.dimensions)}; its gates and criteria "
            "are written gate:ID and criterion:ID.",
        )


def _near(name: str, known: Mapping[str, str], rubric: Rubric) -> str:
    """Return ``, did you mean "x"?`` for a bare id, a dimension's code or its name in words, else the nearest name."""
    folded = name.casefold()
    said = {word.casefold(): d.id for d in rubric.dimensions for word in (d.code, *d.name.values())}
    said |= {id.casefold(): whole for whole, id in known.items()}
    said |= {whole.casefold(): whole for whole in known}
    return f', did you mean "{said[folded]}"?' if folded in said else did_you_mean(name, known)
