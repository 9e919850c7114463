"""Every answer of a run as HTML: what was asked, what came of it, and what it rests on, to the character."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from eval.answer_metrics import answer_in_cited
from eval.html_page import badge, facts, line, link, text
from eval.records import Outcome
from eval.risk_coverage import CITED_DEPTH
from qa.markup import one_line

State = Literal["answered", "refused", "failed"]
Worth = Literal["right", "partly right", "wrong", "not known"]
STATES: tuple[State, ...] = ("answered", "refused", "failed")
WORTHS: tuple[Worth, ...] = ("right", "partly right", "wrong", "not known")

Record = Mapping[str, Any]


def state_of(outcome: Outcome) -> State:
    """What came of a question."""
    if outcome.error is not None:
        return "failed"
    return "answered" if outcome.refusal is None else "refused"


def worth_of(outcome: Outcome) -> Worth:
    """Right where all the gold is cited, or an unanswerable question refused; not known where there is no gold."""
    scores = outcome.scores
    if scores is None:
        return "not known"
    if scores.gold_pieces is not None:
        cited = scores.pieces_cited
        if scores.gold_pieces == 0:
            return "wrong" if outcome.refusal is None else "right"
        return "right" if cited == scores.gold_pieces else "partly right" if cited else "wrong"
    if not scores.has_gold:
        return "not known"
    return "right" if answer_in_cited(scores.gold_sentence_rank, CITED_DEPTH) else "wrong"


def answers_list(records: Mapping[str, Record], outcomes: Mapping[str, Outcome]) -> str:
    """Filters, which a script brings to life, and all the answers, each folded under its question."""
    slices = sorted({name for outcome in outcomes.values() for name in outcome.slices})
    items = "\n".join(
        _item(number, records[name], outcomes[name], [slices.index(one) for one in outcomes[name].slices])
        for number, name in enumerate(records, start=1)
    )
    return f'{_filters(slices, len(records))}\n<div id="answers">\n{items}\n</div>'


def badges(outcome: Outcome) -> str:
    """What came of a question and what it was worth, as two words."""
    worth = worth_of(outcome)
    known = badge(worth.replace(" ", "-"), worth) if worth != "not known" else ""
    return badge(state_of(outcome), state_of(outcome)) + known


def answer_body(record: Record, outcome: Outcome) -> str:
    """All that is known of one answer but its question."""
    parts = [
        _about(record, outcome),
        f'<p class="error"><strong>Failed:</strong> {text(outcome.error)}</p>' if outcome.error is not None else "",
        _refusal(record),
        _short(record),
        _sentences(record.get("sentences") or ()),
        _forced(record) if outcome.refusal is not None else "",
    ]
    return "\n".join(part for part in parts if part)


def _filters(slices: Sequence[str], questions: int) -> str:
    """Hidden until the script says that it runs: without it they would do nothing."""
    return (
        '<form id="filters" role="search" aria-label="Answers" hidden>\n'
        f"{_select('state', 'Outcome', [(one, one) for one in STATES])}\n"
        f"{_select('worth', 'Right or wrong', [(one, one) for one in WORTHS])}\n"
        f"{_select('slice', 'Slice', [(str(place), name) for place, name in enumerate(slices)])}\n"
        '<label>Words <input type="search" id="words" autocomplete="off"></label>\n'
        '<button type="button" id="unfold">Open those shown</button>\n'
        '<button type="button" id="fold">Close all</button>\n'
        f'<output id="shown" for="state worth slice words">{questions} of {questions} shown</output>\n</form>'
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]]) -> str:
    every = "".join(f'<option value="{line(value)}">{line(shown)}</option>' for value, shown in options)
    return f'<label>{label} <select id="{name}"><option value="">all</option>{every}</select></label>'


def _item(number: int, record: Record, outcome: Outcome, slices: Sequence[int]) -> str:
    return (
        f'<details class="answer" id="answer-{number}" data-state="{state_of(outcome)}" '
        f'data-worth="{worth_of(outcome)}" data-slices="{" ".join(str(one) for one in slices)}">'
        f'<summary><span class="question">{text(record["question"])}</span> {badges(outcome)}</summary>\n'
        f'<div class="body">{answer_body(record, outcome)}</div></details>'
    )


def _about(record: Record, outcome: Outcome) -> str:
    understood = record.get("understood_as")
    turn = f"{record['turn']} of {record['dialogue']}" if record.get("turn") and record.get("dialogue") else ""
    sure = f"{outcome.answerable:.3f}" if outcome.answerable is not None else ""
    total = outcome.timings.get("total")
    return facts(
        [
            ("question id", line(record["question_id"])),
            ("understood as", text(understood) if understood and understood != record["question"] else ""),
            ("asked on", line(record.get("asked_on") or "")),
            ("turn", line(turn)),
            ("slices", line(", ".join(outcome.slices))),
            ("confidence that it is answerable", sure),
            ("milliseconds", f"{total:.0f}" if total is not None else ""),
            ("gold answers", "; ".join(text(one) for one in record.get("gold_answers") or ())),
            ("gold sentences", _gold(record.get("gold"))),
        ]
    )


def _gold(gold: Sequence[Sequence[Record]] | None) -> str:
    """The pieces of gold by where they stand; any of the places of a piece will do."""
    if gold is None:
        return ""
    pieces = [" or ".join(f"{span['article_id']} {span['start']}–{span['end']}" for span in piece) for piece in gold]
    return line("; ".join(pieces)) if pieces else "none: the articles don’t say"


def _refusal(record: Record) -> str:
    refusal = record.get("refusal")
    if refusal is None:
        return ""
    nearest = refusal.get("nearest") or ()
    near = f"<p>The nearest sentences:</p><ul>{''.join(_citation(one, quoted=True) for one in nearest)}</ul>"
    reason = one_line(str(refusal["reason"])).replace("_", " ")
    return (
        f'<div class="refusal"><p><strong>Refused ({line(reason)}).</strong> {text(refusal.get("message") or "")}</p>'
        f"{near if nearest else ''}</div>"
    )


def _short(record: Record) -> str:
    short = record.get("short_answer")
    return f"<p><strong>Short answer:</strong> {text(short)}</p>" if short else ""


def _sentences(sentences: Sequence[Record]) -> str:
    return f'<ol class="sentences">{"".join(_sentence(one) for one in sentences)}</ol>' if sentences else ""


def _sentence(sentence: Record) -> str:
    context = ' <span class="soft">(leads up to the next)</span>' if sentence.get("context") else ""
    citations = sentence.get("citations") or ()
    cited = "".join(_citation(one, quoted=one.get("quote") != sentence["text"]) for one in citations)
    return (
        f'<li><p class="quote">{text(sentence["text"])}{context}</p>{_verdict(sentence.get("verdict"))}'
        f"<ul>{cited or '<li>Nothing is cited.</li>'}</ul></li>"
    )


def _verdict(verdict: Record | None) -> str:
    if not verdict:
        return ""
    score = f" ({verdict['score']:.2f})" if verdict.get("score") is not None else ""
    reasons = "; ".join(text(one) for one in verdict.get("reasons") or ())
    return f'<p class="verdict"><strong>{line(verdict["label"])}</strong>{score}{f": {reasons}" if reasons else ""}</p>'


def _citation(citation: Record, *, quoted: bool) -> str:
    """Where it stands; its words too where they aren't those just above."""
    url, title = citation.get("url") or "", citation.get("title") or ""
    name = one_line(title) or one_line(url) or "untitled"
    told = [citation.get("outlet"), citation.get("published"), f"characters {citation['start']}–{citation['end']}"]
    where = f"article {citation['article_id']}, version {citation['version']}"
    quote = f'<span class="quote">{text(citation.get("quote") or "")}</span> ' if quoted else ""
    return (
        f"<li>{quote}{link(url, name) if url else line(name)} "
        f'<span class="soft">{line(", ".join(str(one) for one in (*told, where) if one))}</span></li>'
    )


def _forced(record: Record) -> str:
    """What would have been answered."""
    forced = record.get("forced")
    if not forced or not forced.get("sentences"):
        return ""
    return (
        f"<details><summary>What would have been answered</summary>{_short(forced)}{_sentences(forced['sentences'])}"
        "</details>"
    )
