"""The rule that makes a verdict of what the checker's network says, fitted on claims kept from its training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qa.grounding import CheckerRule, Judgement

# The share of true claims that the network may hold back. Few: the guards add theirs, and of claims unlike those that
# it was trained on it holds back far more.
MOST_ALARMS = 0.02


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """What the network makes of a claim, and what is known of it; `clash` is None where that can't be told."""

    judgement: Judgement
    supported: bool
    clash: bool | None


def fit_rule(claims: Sequence[JudgedClaim]) -> CheckerRule:
    """Logistic calibration (Platt, 1999) of the log odds; the threshold below which MOST_ALARMS of the supported claims
    fall, but no higher than even odds; the bounds for "contradicted" and for naming a part that split best.
    """
    from sklearn.linear_model import LogisticRegression

    odds = np.array([one.judgement.supported for one in claims])
    right = np.array([one.supported for one in claims])
    fitted = LogisticRegression(class_weight="balanced").fit(odds[:, None], right)
    slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    probabilities = 1 / (1 + np.exp(-(slope * odds + intercept)))
    threshold = min(0.5, float(np.quantile(probabilities[right], MOST_ALARMS)))
    parts = [max(one.judgement.parts) for one in claims]
    clashing = [one for one in claims if not one.supported and one.clash is not None]
    return CheckerRule(
        slope=round(slope, 4),
        intercept=round(intercept, 4),
        supported=round(threshold, 4),
        contradicted=_best_split([one.judgement.contradicted for one in clashing], [bool(o.clash) for o in clashing]),
        part=_best_split(parts, [not one.supported for one in claims]),
    )


def _best_split(values: Sequence[float], high: Sequence[bool]) -> float:
    """The bound with the highest balanced accuracy, values above it being taken for `high`."""
    found, marks = np.array(values), np.array(high)
    bounds = np.unique(np.quantile(found, np.linspace(0.02, 0.98, 97)))
    accuracies = [((found[marks] > bound).mean() + (found[~marks] <= bound).mean()) / 2 for bound in bounds]
    return round(float(bounds[int(np.argmax(accuracies))]), 4)
