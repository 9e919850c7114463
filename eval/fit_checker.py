"""The rule that makes a verdict of what the checker's network says, fitted on claims kept from its training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from qa.grounding import UNFITTED, CheckerRule, Judgement

# The share of true claims that the network may hold back; the guards add theirs.
MOST_ALARMS = 0.05


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """What the network makes of a claim, whether guards find a clash with its evidence and something that this doesn't
    say, and what is known of it; `contradicted` is None where that can't be told.
    """

    judgement: Judgement
    clash: bool
    missing: bool
    supported: bool
    contradicted: bool | None

    @property
    def worst(self) -> float:
        """The log odds that some word isn't borne out."""
        return max(self.judgement.parts, default=0.0)


def fit_rule(claims: Sequence[JudgedClaim]) -> CheckerRule:
    """Logistic regression of what the network and the guards say; the threshold below which MOST_ALARMS of the
    supported claims fall, but no higher than even odds; the bounds for "contradicted" and for naming a part that split
    best.
    """
    from sklearn.linear_model import LogisticRegression

    told = np.array([[one.judgement.supported, one.clash, one.missing] for one in claims])
    right = np.array([one.supported for one in claims])
    fitted = LogisticRegression(class_weight="balanced").fit(told, right)
    slope, clash, missing = (round(float(weight), 4) for weight in fitted.coef_[0])
    rule = replace(UNFITTED, intercept=round(float(fitted.intercept_[0]), 4), slope=slope, clash=clash, missing=missing)
    unfaulted = [rule.probability(one.judgement) for one in claims if one.supported]
    clashing = [one for one in claims if not one.supported and one.contradicted is not None]
    return replace(
        rule,
        supported=round(min(0.5, float(np.quantile(unfaulted, MOST_ALARMS))), 4),
        contradicted=_best_split(
            [one.judgement.contradicted for one in clashing], [bool(one.contradicted) for one in clashing]
        ),
        part=_best_split([one.worst for one in claims], [not one.supported for one in claims]),
    )


def _best_split(values: Sequence[float], high: Sequence[bool]) -> float:
    """The bound with the highest balanced accuracy, values above it being taken for `high`."""
    found, marks = np.array(values), np.array(high)
    bounds = np.unique(np.quantile(found, np.linspace(0.02, 0.98, 97)))
    accuracies = [((found[marks] > bound).mean() + (found[~marks] <= bound).mean()) / 2 for bound in bounds]
    return round(float(bounds[int(np.argmax(accuracies))]), 4)
