"""Generalizability studies of two balanced three-facet designs: cases by dimensions by judges, and nested raters.

References
----------
Brennan RL (2001). Generalizability Theory. Springer. doi:10.1007/978-1-4757-3456-0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray


@dataclass(frozen=True, slots=True)
class DStudy:
    """Reliability of a mean over so many levels of each facet."""

    generalizability: float | None
    """E rho²: relative decisions; None where there is no variance at all."""
    dependability: float | None
    """Phi: absolute decisions."""
    set_to_zero: tuple[str, ...]
    """Components whose negative estimates were taken as 0."""


def crossed_components(levels: npt.ArrayLike) -> Mapping[str, float]:
    """Return the variance components of a fully crossed, balanced random design p x i x j.

    Parameters
    ----------
    levels
        Shape (n_p, n_i, n_j), e.g. cases by dimensions by judges; no missing values, each axis at least 2.

    Returns
    -------
    Mapping
        ``p``, ``i``, ``j``, ``pi``, ``pj``, ``ij``, ``pij`` (with the error), as estimated, also below 0.

    Raises
    ------
    ValueError
        If a value is missing or an axis is shorter than 2.

    References
    ----------
    Cornfield J, Tukey JW (1956). Ann Math Stat 27:907-949. doi:10.1214/aoms/1177728067.
    Gleser GC, Cronbach LJ, Rajaratnam N (1965). Psychometrika 30:395-418. doi:10.1007/BF02289531.

    Examples
    --------
    Worked by hand. Values that differ between the first axis' levels only, 0 and 2: variance 2.

    >>> x = np.broadcast_to(np.array([0.0, 2.0])[:, None, None], (2, 2, 2))
    >>> crossed_components(x)["p"]
    2.0
    """
    x = _complete(levels)
    n_p, n_i, n_j = x.shape
    ms = _crossed_mean_squares(x)
    pij = ms["pij"]
    return {
        "p": (ms["p"] - ms["pi"] - ms["pj"] + pij) / (n_i * n_j),
        "i": (ms["i"] - ms["pi"] - ms["ij"] + pij) / (n_p * n_j),
        "j": (ms["j"] - ms["pj"] - ms["ij"] + pij) / (n_p * n_i),
        "pi": (ms["pi"] - pij) / n_j,
        "pj": (ms["pj"] - pij) / n_i,
        "ij": (ms["ij"] - pij) / n_p,
        "pij": pij,
    }


def _complete(levels: npt.ArrayLike) -> FloatArray:
    x = np.asarray(levels, dtype=np.float64)
    if x.ndim != 3 or min(x.shape) < 2:
        raise ValueError(f"three axes of at least 2 are needed, not the shape {x.shape}")
    if np.isnan(x).any():
        raise ValueError("a balanced design has no missing values; variance_component takes them")
    return x


def _crossed_mean_squares(x: FloatArray) -> dict[str, float]:
    axes = {"p": 0, "i": 1, "j": 2}
    effect: dict[str, FloatArray] = {"": np.asarray(x.mean())}
    out: dict[str, float] = {}
    for name in ("p", "i", "j", "pi", "pj", "ij", "pij"):
        away = tuple(axis for facet, axis in axes.items() if facet not in name)
        mean = x.mean(axis=away, keepdims=True)
        below = [part for part in effect if set(part) < set(name)]
        effect[name] = mean - np.sum([np.broadcast_to(effect[part], mean.shape) for part in below], axis=0)
        df = int(np.prod([x.shape[axes[facet]] - 1 for facet in name]))
        out[name] = float(np.sum(np.broadcast_to(effect[name], x.shape) ** 2) / df)
    return out


def crossed_d_study(components: Mapping[str, float], n_i: int, n_j: int) -> DStudy:
    """Return the reliability of a mean over n_i and n_j levels of the two facets.

    Parameters
    ----------
    components
        From :func:`crossed_components`; negative ones count as 0.
    n_i, n_j
        Levels averaged over, at least 1.

    Raises
    ------
    ValueError
        If a number of levels is below 1.

    References
    ----------
    Brennan RL (2001). Generalizability Theory. Springer. doi:10.1007/978-1-4757-3456-0.

    Examples
    --------
    The components and the coefficient 6/11 of crolib's documentation (docs.rs/crolib), four items and two raters.

    >>> components = {"p": 12, "i": 6, "j": 4, "pi": 8, "pj": 10, "ij": 2, "pij": 24}
    >>> round(crossed_d_study(components, 4, 2).generalizability, 4)
    0.5455
    """
    if n_i < 1 or n_j < 1:
        raise ValueError("a mean is over at least one level of each facet")
    v = {name: max(value, 0.0) for name, value in components.items()}
    relative = v["pi"] / n_i + v["pj"] / n_j + v["pij"] / (n_i * n_j)
    absolute = relative + v["i"] / n_i + v["j"] / n_j + v["ij"] / (n_i * n_j)
    negative = tuple(name for name, value in components.items() if value < 0)
    both = [v["p"] / (v["p"] + error) if v["p"] + error > 0 else None for error in (relative, absolute)]
    return DStudy(both[0], both[1], negative)


def nested_components(levels: npt.ArrayLike) -> Mapping[str, float]:
    """Return the variance components of the balanced design p x (r:t): each task t has raters of its own.

    Parameters
    ----------
    levels
        Shape (n_p, n_t, n_r): persons by tasks by raters within the task; no missing values, each axis at least 2.

    Returns
    -------
    Mapping
        ``p``, ``t``, ``r:t``, ``pt``, ``pr:t`` (with the error), as estimated, also below 0.

    Raises
    ------
    ValueError
        If a value is missing or an axis is shorter than 2.

    References
    ----------
    Brennan RL (2001). Generalizability Theory. Springer. doi:10.1007/978-1-4757-3456-0.

    Examples
    --------
    Worked by hand. Values that differ between persons only, 0 and 2: variance 2.

    >>> x = np.broadcast_to(np.array([0.0, 2.0])[:, None, None], (2, 2, 2))
    >>> nested_components(x)["p"]
    2.0
    """
    x = _complete(levels)
    n_p, n_t, n_r = x.shape
    grand, p, t = x.mean(), x.mean(axis=(1, 2)), x.mean(axis=(0, 2))
    rt, pt = x.mean(axis=0), x.mean(axis=2)
    ms_p = n_t * n_r * float(np.sum((p - grand) ** 2)) / (n_p - 1)
    ms_t = n_p * n_r * float(np.sum((t - grand) ** 2)) / (n_t - 1)
    ms_rt = n_p * float(np.sum((rt - t[:, None]) ** 2)) / (n_t * (n_r - 1))
    ms_pt = n_r * float(np.sum((pt - p[:, None] - t[None] + grand) ** 2)) / ((n_p - 1) * (n_t - 1))
    rest = x - rt[None] - pt[:, :, None] + t[None, :, None]
    ms_rest = float(np.sum(rest**2)) / ((n_p - 1) * n_t * (n_r - 1))
    return {
        "p": (ms_p - ms_pt) / (n_t * n_r),
        "t": (ms_t - ms_pt - ms_rt + ms_rest) / (n_p * n_r),
        "r:t": (ms_rt - ms_rest) / n_p,
        "pt": (ms_pt - ms_rest) / n_r,
        "pr:t": ms_rest,
    }
