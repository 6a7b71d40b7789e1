"""Agreement statistics: pure functions on arrays.

``levels`` is a float array of items by raters, NaN = missing; ``scale`` the declared levels. Every statistic returns an
:class:`Estimate`; what cannot be computed is undefined with a reason, never NaN.
"""

from judge.agreement.alt_test import alt_test_omega, alt_test_rho
from judge.agreement.ccc import lin_ccc
from judge.agreement.chance_corrected import (
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    scott_pi,
    weighted_agreement,
)
from judge.agreement.classification import macro_f1, sensitivity, specificity, two_by_two
from judge.agreement.concordance import kendall_w
from judge.agreement.correlation import kendall_tau_b, pearson_r, spearman_rho
from judge.agreement.equivalence import tost
from judge.agreement.estimate import ANALYTIC, BCA, NO_INTERVAL, Estimate, Interval
from judge.agreement.fleiss_categories import fleiss_by_level
from judge.agreement.g_theory import crossed_components, crossed_d_study, nested_components
from judge.agreement.intervals import clopper_pearson, wilson
from judge.agreement.intraclass import icc
from judge.agreement.kappa import cohen_kappa, light_kappa
from judge.agreement.krippendorff import krippendorff_alpha
from judge.agreement.limits import bland_altman, bland_altman_repeated
from judge.agreement.marginal import bhapkar, bowker, mcnemar, stuart_maxwell
from judge.agreement.multiplicity import adjust
from judge.agreement.permutation import sign_flip_test
from judge.agreement.plans import (
    cases_for_delta,
    cases_for_icc_test,
    cases_for_icc_width,
    cases_for_kappa,
    cases_for_kappa_levels,
)
from judge.agreement.raw_agreement import exact_agreement, mean_absolute_error, within_one
from judge.agreement.safety import false_alarm_rate, miss_rate, positives_needed, review_load
from judge.agreement.sequential import sequential_limits
from judge.agreement.shift import bias
from judge.agreement.simulation import simulate_delta
from judge.agreement.stand_in import non_inferiority, panel_non_inferiority
from judge.agreement.tables import pairs_from_table
from judge.agreement.variance import reliability, variance_component
from judge.agreement.weights import agreement_weights, from_disagreement
from judge.agreement.wilcoxon import wilcoxon_signed_rank

__all__ = [
    "ANALYTIC",
    "BCA",
    "NO_INTERVAL",
    "Estimate",
    "Interval",
    "adjust",
    "agreement_weights",
    "alt_test_omega",
    "alt_test_rho",
    "bhapkar",
    "bias",
    "bland_altman",
    "bland_altman_repeated",
    "bowker",
    "brennan_prediger",
    "cases_for_delta",
    "cases_for_icc_test",
    "cases_for_icc_width",
    "cases_for_kappa",
    "cases_for_kappa_levels",
    "clopper_pearson",
    "cohen_kappa",
    "conger_kappa",
    "crossed_components",
    "crossed_d_study",
    "exact_agreement",
    "false_alarm_rate",
    "fleiss_by_level",
    "fleiss_kappa",
    "from_disagreement",
    "gwet_ac1",
    "gwet_ac2",
    "icc",
    "kendall_tau_b",
    "kendall_w",
    "krippendorff_alpha",
    "light_kappa",
    "lin_ccc",
    "macro_f1",
    "mcnemar",
    "mean_absolute_error",
    "miss_rate",
    "nested_components",
    "non_inferiority",
    "pairs_from_table",
    "panel_non_inferiority",
    "pearson_r",
    "positives_needed",
    "reliability",
    "review_load",
    "scott_pi",
    "sensitivity",
    "sequential_limits",
    "sign_flip_test",
    "simulate_delta",
    "spearman_rho",
    "specificity",
    "stuart_maxwell",
    "tost",
    "two_by_two",
    "variance_component",
    "weighted_agreement",
    "wilcoxon_signed_rank",
    "wilson",
    "within_one",
]
