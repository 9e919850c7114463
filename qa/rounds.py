"""Reading in rounds: the most promising passages first, and no more when the evidence is clear."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from index.errors import ModelError
from index.records import RetrievedPassage
from qa.choice import ScoredEvidence, SentenceScorer
from qa.evidence import AskedQuestion
from qa.sameness import same_statement

ROUNDS = (5, 10, 20, 50)
RULE_FILE = "stop_rule.json"


@dataclass(frozen=True, slots=True)
class StopRule:
    """The evidence is clear when something answers with at least this probability, and the best sentence is ahead of
    the next that says something else by at least this margin (a difference of log-odds).
    """

    answerable: float
    margin: float

    def is_clear(self, evidence: ScoredEvidence) -> bool:
        return evidence.answerable >= self.answerable and margin_of(evidence) >= self.margin


def margin_of(evidence: ScoredEvidence) -> float:
    """By how much the best sentence is ahead of the next that says something else; 0 without any."""
    if not evidence.sentences:
        return 0.0
    best, *others = evidence.sentences
    following = next((one for one in others if not same_statement(one.citation.quote, best.citation.quote)), None)
    return _log_odds(best.score) - (_log_odds(following.score) if following is not None else _log_odds(0.0))


def _log_odds(probability: float) -> float:
    kept = min(1 - 1e-9, max(1e-9, probability))
    return math.log(kept / (1 - kept))


def rounds_up_to(most: int) -> tuple[int, ...]:
    """How many passages have been read after each round, when at most so many are."""
    return (*(depth for depth in ROUNDS if depth < most), most)


def read_in_rounds(
    scorer: SentenceScorer,
    question: AskedQuestion,
    passages: Sequence[RetrievedPassage],
    most: int,
    rule: StopRule | None,
) -> ScoredEvidence:
    """The evidence of at most so many passages; without a rule, they are read at once.

    What an earlier round read, a reader remembers.
    """
    depths = (most,) if rule is None else rounds_up_to(most)
    for depth in depths:
        evidence = scorer.score(question, passages[:depth])
        if depth >= len(passages) or (rule is not None and rule.is_clear(evidence)):
            break
    return evidence


def load_rule() -> StopRule:
    """The rule that ships with copydesk. Raises ModelError when it can't be read."""
    try:
        fields = json.loads(files("qa").joinpath(RULE_FILE).read_text(encoding="utf-8"))
        return StopRule(float(fields["answerable"]), float(fields["margin"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{RULE_FILE} can't be read ({error}): reinstall copydesk") from error
