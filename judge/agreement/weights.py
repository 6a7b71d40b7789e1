"""Agreement weights between levels: 1 on the diagonal, less the further two levels lie apart."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from judge.agreement.estimate import FloatArray
from judge.agreement.named_options import check_option

WeightName = Literal["none", "linear", "quadratic", "ordinal"]
Weights = WeightName | npt.NDArray[np.float64]


def agreement_weights(weights: Weights, scale: FloatArray) -> FloatArray:
    """Return the matrix of agreement weights, shape (q, q).

    Parameters
    ----------
    weights
        ``none``: 1 for the same level, else 0. ``linear``: 1 - |a - b| / (max - min) and ``quadratic``:
        1 - (a - b)² / (max - min)², on the values of the declared scale (Cohen 1968; Fleiss & Cohen 1973).
        ``ordinal``: Gwet's weights, 1 - C(|i - j| + 1, 2) / C(q, 2) on the ranks, which are not Krippendorff's ordinal
        metric. An array is taken as it is.
    scale
        Shape (q,), ascending.

    Raises
    ------
    ValueError
        If a matrix of weights is not q by q, symmetric, with the largest weights, equal to 1, on its diagonal.

    References
    ----------
    Cohen J (1968). Psychol Bull 70:213-220. doi:10.1037/h0026256.
    Fleiss JL, Cohen J (1973). Educ Psychol Meas 33:613-619. doi:10.1177/001316447303300309.
    Gwet KL (2014). Handbook of Inter-Rater Reliability, 4th ed. Advanced Analytics. ISBN 978-0970806284.
    Gwet KL (2019). R package irrCAC 1.0, doi:10.32614/CRAN.package.irrCAC (the value of the example).

    Examples
    --------
    Three levels, ordinal: the matrix that irrCAC prints (weighting vignette) begins 1, 0.667.

    >>> [round(float(w), 3) for w in agreement_weights("ordinal", np.arange(1.0, 4.0))[0]]
    [1.0, 0.667, 0.0]
    """
    if not isinstance(weights, str):
        return _checked(np.asarray(weights, dtype=np.float64), len(scale))
    weights_label(weights)
    if weights == "none" or len(scale) == 1:
        return np.eye(len(scale))
    distance = np.abs(scale[:, None] - scale[None, :]) / (scale[-1] - scale[0])
    if weights == "linear":
        return np.asarray(1 - distance)
    if weights == "quadratic":
        return np.asarray(1 - distance**2)
    apart = np.abs(np.subtract.outer(np.arange(len(scale)), np.arange(len(scale)))) + 1
    return np.asarray(1 - apart * (apart - 1) / (len(scale) * (len(scale) - 1)))


def from_disagreement(costs: npt.ArrayLike) -> FloatArray:
    """Return agreement weights ``1 - cost / max cost`` from a matrix of disagreement costs with a zero diagonal.

    Raises
    ------
    ValueError
        If the diagonal is not zero or no cost is positive.

    References
    ----------
    Cohen J (1968). Psychol Bull 70:213-220. doi:10.1037/h0026256.

    Examples
    --------
    Cohen (1968), Table 1: costs 1, 3 and 6 of three confusions; his weighted kappa is .348.

    >>> from judge.agreement.kappa import cohen_kappa
    >>> from judge.agreement.tables import pairs_from_table
    >>> costs = [[0, 1, 3], [1, 0, 6], [3, 6, 0]]
    >>> cases = pairs_from_table([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    >>> round(cohen_kappa(cases, from_disagreement(costs)).value, 3)
    0.348
    """
    matrix = np.asarray(costs, dtype=np.float64)
    if matrix.ndim != 2 or matrix.max() <= 0 or np.any(np.diag(matrix) != 0):
        raise ValueError("disagreement costs are a square matrix with zeros on its diagonal and a positive cost")
    return np.asarray(1 - matrix / matrix.max())


def _checked(matrix: FloatArray, q: int) -> FloatArray:
    if matrix.shape != (q, q):
        raise ValueError(f"weights for {q} levels need the shape ({q}, {q}), not {matrix.shape}")
    if not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1) or matrix.max() > 1 + 1e-12:
        raise ValueError("weights must be symmetric, 1 on the diagonal and nowhere above 1")
    return matrix


def weights_label(weights: Weights) -> str:
    """Return the name a set of weights has in a variant.

    Raises
    ------
    ValueError
        If there are no weights of that name.
    """
    if not isinstance(weights, str):
        return "custom"
    check_option("weights that are no matrix", weights, get_args(WeightName))
    return weights
