"""Sentences of four writers for people to label, without what any judge found, and what their labels come to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from eval.judged import wilson
from eval.lines import Line
from eval.writers import BEHIND_THE_GATE, EXTRACTIVE, UNGATED, WRITERS, AskedOfAll, Shown, Source, Writer
from index.errors import BadInputError

SUPPORTED, NOT_SUPPORTED = "supported", "not supported"
WHAT_IS_SHOWN = "all that copydesk shows"
WRITTEN_AND_SHOWN = "of it in a model's words"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One distinct sentence of a question with what it cites, and who says it; `own` are the writers of it in a model's
    words. `sentence_id` tells nothing of them.
    """

    sentence_id: str
    question: str
    asked_on: str
    text: str
    sources: tuple[Source, ...]
    writers: frozenset[Writer]
    own: frozenset[Writer]

    @property
    def shown_by_gate(self) -> bool:
        return not self.writers.isdisjoint(BEHIND_THE_GATE)

    @property
    def passed_the_gate(self) -> bool:
        return not self.own.isdisjoint(BEHIND_THE_GATE)


@dataclass(frozen=True, slots=True)
class LabelledShare:
    """Of `labelled` sentences `unsupported` weren't, with the 95 % interval of that share; None over none."""

    name: str
    labelled: int
    unsupported: int
    low: float | None
    high: float | None


def sentences_to_label(every: Iterable[AskedOfAll]) -> tuple[Labelled, ...]:
    """All distinct sentences: one that several writers say of the same sources is labelled once."""
    found: dict[str, Labelled] = {}
    for one in every:
        for writer in WRITERS:
            for shown in one.answers[writer].sentences if one.answers else ():
                made = _labelled(one, writer, shown)
                earlier = found.get(made.sentence_id, made)
                found[made.sentence_id] = Labelled(
                    made.sentence_id,
                    made.question,
                    made.asked_on,
                    made.text,
                    made.sources,
                    earlier.writers | made.writers,
                    earlier.own | made.own,
                )
    return tuple(found.values())


def _labelled(one: AskedOfAll, writer: Writer, shown: Shown) -> Labelled:
    told = f"{one.question_id}\n{shown.text}\n{shown.cites}"
    name = sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
    sources = tuple(one.sources[place] for place in shown.cites)
    own = frozenset({writer} if shown.written else ())
    return Labelled(name, one.question, one.asked_on, shown.text, sources, frozenset({writer}), own)


def draw(sentences: Sequence[Labelled], count: int, seed: int) -> tuple[Labelled, ...]:
    """So many, by lot and in an order by lot. At least half, where there are as many, are shown by a writer behind the
    gate; of those the ones in a model's own words come first, since quotations can hardly be wrong.
    """

    def lot(one: Labelled) -> bytes:
        return sha256(f"{seed}:{one.sentence_id}".encode()).digest()

    by_lot = sorted(sentences, key=lot)
    gated = sorted((one for one in by_lot if one.shown_by_gate), key=lambda one: not one.passed_the_gate)
    others = [one for one in by_lot if not one.shown_by_gate]
    half = (count + 1) // 2
    drawn = gated[: max(half, count - len(others))]
    return tuple(sorted((drawn + others)[:count], key=lot))


def to_json(one: Labelled) -> dict[str, Any]:
    """What a person reads, and under "label" the line that a file of labels takes, label and judge open."""
    return {
        "question": one.question,
        "asked_on": one.asked_on,
        "sentence": one.text,
        "cites": [
            {
                "before": source.before,
                "sentences": list(source.quotes),
                "after": source.after,
                "title": source.title,
                "outlet": source.outlet,
                "published": source.published,
            }
            for source in one.sources
        ],
        "label": {"sentence_id": one.sentence_id, "label": None, "judge": None},
    }


def read_labels(lines: Iterable[Line], sentences: Sequence[Labelled]) -> Mapping[str, bool]:
    """By sentence, whether every judge of it calls it supported. A line is a label, or has one under "label"; one that
    is still open is left out.

    Raises BadInputError, naming the line, for what is no label, for a sentence that isn't of these, and for a judge who
    labels one twice.
    """
    known = {one.sentence_id for one in sentences}
    seen: dict[tuple[str, str], str] = {}
    found: dict[str, bool] = {}
    for line in lines:
        label = _label_of(line)
        name = label.text("sentence_id")
        if name not in known:
            raise BadInputError(f"{line.where}: no sentence {name} is shown in this run")
        if not label.has("label"):
            continue
        value, judge = label.text("label"), label.text("judge")
        if value not in (SUPPORTED, NOT_SUPPORTED):
            raise BadInputError(f"{line.where}: label is {value!r}; it must be {SUPPORTED!r} or {NOT_SUPPORTED!r}")
        earlier = seen.setdefault((name, judge), line.where)
        if earlier != line.where:
            raise BadInputError(f"{line.where}: {judge} labelled {name} at {earlier} already")
        found[name] = found.get(name, True) and value == SUPPORTED
    return found


def still_open(lines: Iterable[Line]) -> int:
    """How many lines have no label yet."""
    return sum(not _label_of(line).has("label") for line in lines)


def _label_of(line: Line) -> Line:
    inner = line.fields.get("label")
    return Line(line.where, inner) if isinstance(inner, dict) else line


def shares(sentences: Sequence[Labelled], labels: Mapping[str, bool]) -> tuple[LabelledShare, ...]:
    """The share not supported of all that is shown, of what of it is in a model's words, and of each writer's."""
    groups: dict[str, Callable[[Labelled], bool]] = {
        WHAT_IS_SHOWN: lambda one: one.shown_by_gate or EXTRACTIVE in one.writers,
        WRITTEN_AND_SHOWN: lambda one: one.passed_the_gate,
    }
    told = [_share(name, [one for one in sentences if group(one)], labels) for name, group in groups.items()]
    return (*told, *(_share(writer, [one for one in sentences if writer in one.writers], labels) for writer in WRITERS))


def _share(name: str, sentences: Sequence[Labelled], labels: Mapping[str, bool]) -> LabelledShare:
    known = [labels[one.sentence_id] for one in sentences if one.sentence_id in labels]
    wrong = known.count(False)
    return LabelledShare(name, len(known), wrong, *wilson(wrong, len(known)))


def shares_text(told: Sequence[LabelledShare], labelled: int, open_lines: int) -> str:
    """The shares as a table."""
    from eval.layout import table

    rows = [
        (
            one.name,
            str(one.labelled),
            str(one.unsupported),
            "–" if one.high is None else f"{100 * one.unsupported / one.labelled:.1f} %",
            "–" if one.high is None else f"{100 * one.high:.1f} %",
        )
        for one in told
    ]
    return "\n".join(
        [
            *table(("sentences", "labelled", "not supported", "share", "95 % upper bound"), rows),
            "",
            f"{labelled} sentences labelled, {open_lines} lines still open. A sentence that several writers say counts",
            f"for each; what only '{UNGATED}' says is never shown. Upper bound: of Wilson's 95 % interval, sentences",
            "taken as independent.",
            "",
        ]
    )
