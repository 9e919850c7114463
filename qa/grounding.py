"""The grounding checker: is a sentence supported by what it cites?

A small network of ours (qa/claim_model.py) reads the claim against its evidence; rules guard what such a network
can't be trusted with (qa/guards.py) and look at how the evidence is said (qa/claim_context.py). What the evidence
lacks caps the verdict at "partial"; what it says otherwise makes the claim "contradicted".
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from index.embedding import precision_dtype
from index.errors import ModelError
from qa.claim_context import LEANS, said_how
from qa.claim_evidence import content_stems
from qa.claim_parts import Part, split_claim
from qa.guards import Fault, find_faults
from qa.reader import load_tokenizer, prepare_model, take_weights
from qa.records import Verdict, VerdictLabel

if TYPE_CHECKING:
    from qa.claim_model import ClaimBatch, ClaimModel

WEIGHTS_FILE = "checker.safetensors"
RULE_FILE = "checker_rule.json"
VERBATIM = "quoted word for word from the article"
ELSEWHERE = "the cited sentences are about something else"
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim is checked against: the sentences that it cites, and what helps to understand them without counting
    as evidence: the article's head (title and date), the sentences right before and after, and its day.
    """

    sentences: tuple[str, ...]
    head: str = ""
    before: str = ""
    after: str = ""
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the network makes of a claim: the log odds that it is supported, those that it is contradicted rather than
    merely not said, and of each of its parts the log odds that some word of it is not borne out.
    """

    supported: float
    contradicted: float
    parts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CheckerRule:
    """How a judgement becomes a verdict; fitted by `copydesk train checker` on claims kept from training.

    The log odds that a claim is supported are a sum: `intercept`, `slope` times those of the network, `clash` where a
    guard finds that the evidence says otherwise, `missing` where one finds that it doesn't say something. A
    probability of at least `supported` is enough for the network; a claim for which it isn't and whose odds of being
    contradicted are above `contradicted` is that; a part whose log odds are above `part` is named.
    """

    intercept: float
    slope: float
    clash: float
    missing: float
    supported: float
    contradicted: float
    part: float

    def probability(self, judgement: Judgement, clash: bool = False, missing: bool = False) -> float:
        """How likely the claim is supported, between 0 and 1."""
        odds = self.intercept + self.slope * judgement.supported + self.clash * clash + self.missing * missing
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


class GroundingChecker(Protocol):
    """Checks claims against evidence."""

    def check_all(self, pairs: Sequence[tuple[str, Evidence]]) -> list[Verdict]:
        """One verdict for each claim with its evidence, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Network:
    """The checker's network and the tokenizer of its texts."""

    model: "ClaimModel"
    tokenizer: Any


class CrossChecker:
    """A `GroundingChecker` of one network, loaded when it is first needed, and rules."""

    def __init__(self, load: Callable[[], "Network"], rule: CheckerRule) -> None:
        self._load = load
        self.rule = rule

    def check(self, claim: str, evidence: Evidence) -> Verdict:
        """The verdict on one claim."""
        return self.check_all([(claim, evidence)])[0]

    def check_all(self, pairs: Sequence[tuple[str, Evidence]]) -> list[Verdict]:
        """One verdict for each claim with its evidence, in their order. Words quoted whole aren't read by the network:
        only how they are said can matter.
        """
        quoted = [is_verbatim(claim, evidence.sentences) for claim, evidence in pairs]
        judged = iter(self.judge([pair for pair, whole in zip(pairs, quoted, strict=True) if not whole]))
        verdicts = []
        for (claim, evidence), whole in zip(pairs, quoted, strict=True):
            if not evidence.sentences or not claim.strip():
                verdicts.append(Verdict("unsupported", 0.0, ("there is nothing to check it against",)))
            elif whole:
                verdicts.append(_of_quotation(claim, evidence))
            else:
                verdicts.append(decide(claim, evidence, next(judged), self.rule))
        return verdicts

    def judge(self, pairs: Sequence[tuple[str, Evidence]]) -> list[Judgement]:
        """What the network alone makes of each claim that has evidence; one without is left out."""
        from index.minilm import by_length
        from qa.claim_model import collate_claims, encode_claims

        read = [(claim, evidence) for claim, evidence in pairs if evidence.sentences and claim.strip()]
        if not read:
            return []
        network = self._load()
        encoded = encode_claims(network.tokenizer, [(claim, one.head, _read_of(one)) for claim, one in read])
        found: dict[int, Judgement] = {}
        for places in by_length([len(one.ids) for one in encoded]):
            batch = collate_claims([encoded[place] for place in places], network.tokenizer.pad_token_id)
            verdicts, faults = _run(network.model, batch)
            for row, place in enumerate(places):
                one = encoded[place]
                marks = [
                    (start, end, logit)
                    for start, end, logit in zip(one.starts, one.ends, faults[row][1 : one.claim_end], strict=True)
                ]
                found[place] = _judgement(verdicts[row], marks, split_claim(read[place][0]))
        return [found[place] for place in range(len(encoded))]


def _run(model: "ClaimModel", batch: "ClaimBatch") -> tuple[list[list[float]], list[list[float]]]:
    import torch

    try:
        with torch.inference_mode():
            outputs = model(batch)
    except Exception as error:  # torch raises RuntimeError, MemoryError, ...
        raise ModelError(f"the grounding checker failed: {error}") from error
    return outputs.verdicts.float().tolist(), outputs.faults.float().tolist()


def _read_of(evidence: Evidence) -> tuple[str, ...]:
    """The sentences that the network reads: those cited, after the one that the first of them leans on."""
    from qa.context import leans

    before = (evidence.before,) if evidence.before and leans(evidence.sentences[0]) else ()
    return (*before, *evidence.sentences)


def _judgement(verdicts: Sequence[float], marks: Sequence[tuple[int, int, float]], parts: Sequence[Part]) -> Judgement:
    from qa.claim_model import CONTRADICTED, SUPPORTED, UNSUPPORTED

    highest = max(verdicts[UNSUPPORTED], verdicts[CONTRADICTED])
    against = highest + math.log(sum(math.exp(verdicts[kind] - highest) for kind in (UNSUPPORTED, CONTRADICTED)))
    return Judgement(
        supported=verdicts[SUPPORTED] - against,
        contradicted=verdicts[CONTRADICTED] - verdicts[UNSUPPORTED],
        parts=tuple(
            max((logit for start, end, logit in marks if start < part.end and end > part.start), default=-10.0)
            for part in parts
        ),
    )


def is_verbatim(claim: str, sentences: Sequence[str]) -> bool:
    """Whether the claim is one of the sentences, or all of them, to the character but for white space."""
    wanted = _plain(claim)
    return bool(wanted) and (wanted in map(_plain, sentences) or wanted == _plain(" ".join(sentences)))


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _of_quotation(claim: str, evidence: Evidence) -> Verdict:
    """Of a claim that is one of the sentences, or all of them."""
    told = [_plain(sentence) for sentence in evidence.sentences]
    first, last = 0, len(told)
    if _plain(claim) in told:
        first = told.index(_plain(claim))
        last = first + 1
    before = evidence.sentences[first - 1] if first else evidence.before
    after = evidence.sentences[last] if last < len(told) else evidence.after
    cautions = said_how(claim, evidence.sentences[first:last], before, after)
    if cautions:
        # A pronoun that the claim has too is the least of doubts.
        return Verdict("partial", 0.9 if cautions == (LEANS,) else 0.5, (VERBATIM, *cautions))
    return Verdict("supported", 1.0, (VERBATIM,))


def decide(claim: str, evidence: Evidence, judgement: Judgement, rule: CheckerRule) -> Verdict:
    """The verdict on a claim that isn't a quotation."""
    context = " ".join(part for part in (evidence.head, evidence.before, evidence.after) if part)
    if not content_stems(claim) & content_stems(" ".join((*evidence.sentences, context))):
        return Verdict("unsupported", 0.0, (ELSEWHERE,))
    faults = find_faults(claim, evidence.sentences, evidence.published, context)
    cautions = said_how(claim, evidence.sentences, evidence.before, evidence.after)
    clashes = tuple(fault.reason for fault in faults if fault.clash)
    score = rule.probability(judgement, bool(clashes), len(clashes) < len(faults))
    if clashes:
        return Verdict("contradicted", score, clashes)
    if rule.probability(judgement) >= rule.supported:
        reasons = (*(fault.reason for fault in faults), *cautions)
        return Verdict("partial", score, reasons) if reasons else Verdict("supported", score, ())
    return _not_supported(claim, judgement, rule, score, faults, cautions)


def _not_supported(
    claim: str, judgement: Judgement, rule: CheckerRule, score: float, faults: Sequence[Fault], cautions: Sequence[str]
) -> Verdict:
    parts = split_claim(claim)
    missing = [part for part, odds in zip(parts, judgement.parts, strict=True) if odds > rule.part]
    reasons = [*(fault.reason for fault in faults), *cautions]
    label: VerdictLabel = "unsupported"
    if judgement.contradicted > rule.contradicted:
        label = "contradicted"
        reasons += [f"the article says otherwise: “{part.text}”" for part in missing[:1]]
    elif missing and len(missing) < len(parts):
        label = "partial"
        reasons += [f"the article doesn't say “{part.text}”" for part in missing]
    return Verdict(label, score, tuple(reasons) or ("the cited sentences don't say this",))


# Even odds, for a network whose rule isn't fitted yet.
UNFITTED = CheckerRule(intercept=0.0, slope=1.0, clash=0.0, missing=0.0, supported=0.5, contradicted=0.0, part=0.0)


def load_checker(precision: str = "auto", folder: Path | None = None, rule: CheckerRule | None = None) -> CrossChecker:
    """The checker that ships with copydesk, or one that `copydesk train checker` left in a folder. Its network is
    loaded when a claim needs it. Raises ModelError, then or now, where a file is missing or doesn't fit.
    """
    return CrossChecker(lambda: _load_network(precision, folder), rule or load_rule(folder))


def load_rule(folder: Path | None = None) -> CheckerRule:
    """The rule of the checker that ships, or of one in a folder. Raises ModelError when it can't be read."""
    source = _file(RULE_FILE, folder)
    try:
        read = json.loads(source.read_text(encoding="utf-8"))
        return CheckerRule(**{name: float(read[name]) for name in CheckerRule.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the checker's rule {source} can't be used ({error}): reinstall copydesk") from error


def _file(name: str, folder: Path | None) -> Traversable:
    return files("qa").joinpath(name) if folder is None else folder / name


@lru_cache(maxsize=2)
def _load_network(precision: str, folder: Path | None) -> Network:
    from qa.claim_model import new_claim_model
    from qa.reader_model import FastEncoder

    base, dtype = prepare_model(), precision_dtype(precision)
    model = new_claim_model(base, precision_dtype("float32"))
    take_weights(model, _file(WEIGHTS_FILE, folder), "checker")
    model = model.to(dtype).eval()
    if str(dtype) == "torch.bfloat16":
        model.encoder = FastEncoder(model.encoder)
    return Network(model, load_tokenizer(base))
