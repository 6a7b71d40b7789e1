"""Folds and splits by case: all answers of a case are on one side."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import IntArray

BoolArray = npt.NDArray[np.bool_]


def folds_by_case(cases: npt.ArrayLike, n_folds: int, rng: np.random.Generator) -> IntArray:
    """Return the fold of each answer, shape (n,), whole cases in one fold, sizes in cases at most one apart.

    Cases are put in ascending order before they are shuffled, so that the order of rows decides nothing.

    Parameters
    ----------
    cases
        Shape (n,): case of each answer, numbers or texts.
    n_folds
        At least 2; fewer are made where there are fewer cases.
    rng
        Shuffles the cases.

    Raises
    ------
    ValueError
        If there are fewer than two cases or folds.
    """
    names, index = np.unique(np.asarray(cases), return_inverse=True)
    if len(names) < 2 or n_folds < 2:
        raise ValueError(f"{len(names)} cases cannot be put in {n_folds} folds")
    of_case = np.empty(len(names), dtype=np.int64)
    of_case[rng.permutation(len(names))] = np.arange(len(names)) % min(n_folds, len(names))
    return np.asarray(of_case[index.reshape(-1)], dtype=np.int64)


def linked_groups(keys: Sequence[Sequence[str]]) -> IntArray:
    """Return the group of each answer, shape (n,): answers that share any key are in one group, also through others.

    Parameters
    ----------
    keys
        For each answer its case, and whatever else must not be on both sides of a split (a disease, a frame).

    Examples
    --------
    The second answer ties the first to the third.

    >>> linked_groups([["case a"], ["case a", "flutter"], ["flutter"], ["case b"]]).tolist()
    [0, 0, 0, 1]
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for own in keys:
        for other in own[1:]:
            parent[root(other)] = root(own[0])
    roots = [root(own[0]) for own in keys]
    number = {name: place for place, name in enumerate(dict.fromkeys(roots))}
    return np.array([number[name] for name in roots], dtype=np.int64)


def split_groups(names: npt.ArrayLike, share: float, rng: np.random.Generator) -> BoolArray:
    """Return which answers are in the tune split, shape (n,): whole groups, about ``share`` of the answers.

    Groups are shuffled (after ascending order) and put in tune while that brings its size nearer to the share.

    Raises
    ------
    ValueError
        If the share is not within 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"a split's share lies between 0 and 1, not {share}")
    groups, index, sizes = np.unique(np.asarray(names), return_inverse=True, return_counts=True)
    is_tune = np.zeros(len(groups), dtype=bool)
    wanted, have = share * len(index), 0
    for group in rng.permutation(len(groups)):
        if abs(have + sizes[group] - wanted) <= abs(have - wanted):
            is_tune[group] = True
            have += int(sizes[group])
    return np.asarray(is_tune[index.reshape(-1)], dtype=bool)
