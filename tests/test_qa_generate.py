"""Answers that a language model writes, through the real pipeline and the real checker and reader. What the model would
write is scripted: that stands in for its weights, and for nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pytest

from index.archive import Archive
from index.embedding import load_embedder
from index.search import HybridSearch
from index.vectors import VectorIndex
from qa.assistant import Assistant
from qa.compose import NOT_CHECKED
from qa.evidence import AskedQuestion
from qa.generate import (
    BESIDE,
    CITES_NOTHING,
    DECLINED,
    NOTHING_PASSED,
    ONLY_CONTEXT,
    SAID_ALREADY,
    TOO_MANY,
    WROTE_NOTHING,
    Generated,
    Writer,
)
from qa.grounding import load_checker
from qa.llm import Limits, LlmError, open_llm, parse_llm
from qa.prompts import MOST_WRITTEN, REFUSAL, Message
from qa.readers import find_reader, load_scorer
from qa.records import Answer, AnswerSentence, Citation, Generation, Turn, Verdict
from qa.saved_answers import answer_from_json
from qa.serialize import answer_to_json
from qa.settings import AnswerSettings
from tests.llm_server import Exchange, scripted
from tests.support import make_archive, make_article

ASKED_ON = date(2026, 4, 3)
FLOOD = make_article(
    "The river Veld rose to nine metres in Cray on Monday. Forty people fled from Mill Lane by boat. "
    "Bread was free in Sallow all week.",
    "https://courier.example/flood",
    title="Flood in Cray",
    outlet="Courier",
    published=date(2026, 3, 30),
)
BELL = make_article(
    "A bronze bell was found under the old bridge in Cray. It weighs 212 kilograms, the museum said.",
    "https://weekly.example/bell",
    title="Bell found",
    outlet="Weekly",
    published=date(2026, 1, 12),
)
MIXED = make_article(
    "Ninety people fled from Mill Street on foot on Tuesday, and bread was free in Sallow.",
    "https://courier.example/mixed",
    outlet="Courier",
    published=date(2026, 3, 31),
)
RIVER = "The river Veld rose to nine metres in Cray on Monday."
MIXED_QUOTE = MIXED.text
QUESTION = "How many people fled from Mill Lane?"
QUOTE = "Forty people fled from Mill Lane by boat."


class Script:
    """A model that writes what it is told to, one reply after the other; the last one is repeated."""

    name = "scripted"

    def __init__(self, *replies: str | Exception) -> None:
        self._replies = list(replies)
        self.asked: list[tuple[Message, ...]] = []

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        self.asked.append(tuple(messages))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        for word in reply.split(" "):
            yield word + " "
        if reply.endswith("…"):
            raise LlmError("the language model at URL broke off in the middle of its answer")


Build = Callable[[object], Assistant]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    archive = make_archive(tmp_path_factory.mktemp("written") / "archive", [FLOOD, BELL, MIXED], load_embedder())
    yield archive
    archive.close()


@pytest.fixture(scope="module")
def build(archive: Archive) -> Build:
    return builder(archive)


def builder(archive: Archive) -> Build:
    """Makes the assistant with the models that ship, which writes by the model given."""
    search = HybridSearch(archive, VectorIndex(archive), load_embedder())
    scorer, checker = load_scorer(find_reader("copydesk"), "auto", 0.5), load_checker()

    def build(model: object) -> Assistant:
        writer = Writer(model, archive, checker, scorer)  # type: ignore[arg-type]
        return Assistant(search, scorer, AnswerSettings(llm="ollama:scripted"), checker, writer)

    return build


def asked(assistant: Assistant, question: str = QUESTION) -> tuple[Answer, Generation]:
    answer = assistant.ask(question, asked_on=ASKED_ON)
    assert answer.refusal is None
    assert answer.generation is not None
    return answer, answer.generation


Write = Callable[..., Generated]


@pytest.fixture(scope="module")
def write(archive: Archive) -> Write:
    """Has an answer written from the sentences given, whatever the reader would have chosen."""
    scorer, checker = load_scorer(find_reader("copydesk"), "auto", 0.5), load_checker()

    def write(question: str, texts: Sequence[str], *replies: str, context: str | None = None) -> Generated:
        quoted = [
            AnswerSentence(text, (cite(archive, text),), Verdict("supported", 1.0), text == context) for text in texts
        ]
        asked = AskedQuestion(question, ASKED_ON)
        return Writer(Script(*replies), archive, checker, scorer).write(asked, (), quoted, lambda sentences: None)

    return write


def cite(archive: Archive, text: str) -> Citation:
    """The one sentence of the archive that reads so."""
    passages = archive.passages(archive.keys_after(0).tolist()).values()
    found = [(one.article, sentence) for one in passages for sentence in one.passage.sentences if sentence.text == text]
    article, sentence = found[0]
    return Citation(sentence, article, sentence.start, sentence.end)


def test_a_sentence_that_passes_is_shown_with_what_it_cites(build: Build) -> None:
    answer, generation = asked(build(Script("Forty people fled by boat from Mill Lane [1].")))
    (sentence,) = answer.sentences
    assert sentence.text == "Forty people fled by boat from Mill Lane."
    assert sentence.written
    assert sentence.verdict.label == "supported"
    assert [citation.quote for citation in sentence.citations] == [QUOTE]
    assert generation == Generation("scripted", True)
    assert answer.short_answer in (None, "Forty", "Forty people")
    assert "write" in answer.timings


def test_the_model_sees_numbered_evidence_with_outlet_and_day_and_the_dialogue(build: Build) -> None:
    model = Script(REFUSAL)
    history = [Turn("What happened in Cray?", "What happened in Cray?", "a flood")]
    build(model).ask(QUESTION, asked_on=ASKED_ON, history=history)
    system, user = model.asked[0]
    assert REFUSAL in system.text
    assert f"[1] (Courier, 2026-03-30) {QUOTE}" in user.text
    assert "What happened in Cray? → a flood" in user.text
    assert QUESTION in user.text


def test_nothing_is_asked_of_the_model_for_what_is_refused_or_forced(build: Build) -> None:
    model = Script("The king of Mars is Ares [1].")
    assistant = build(model)
    refused = assistant.ask("Who is the king of Mars?", asked_on=ASKED_ON)
    assert refused.refusal is not None
    assert refused.generation is None
    forced = assistant.ask(QUESTION, asked_on=ASKED_ON, forced=True)
    assert not any(sentence.written for sentence in forced.sentences)
    assert forced.generation is None
    assert model.asked == []


def test_a_mark_that_points_nowhere_is_taken_away_and_the_best_evidence_found(build: Build) -> None:
    answer, generation = asked(build(Script("Forty people fled from Mill Lane [8].")))
    assert answer.sentences[0].text == "Forty people fled from Mill Lane."
    assert [citation.quote for citation in answer.sentences[0].citations] == [QUOTE]
    assert generation.astray == 1


def test_what_does_not_pass_is_repaired_once_with_the_reason(build: Build) -> None:
    model = Script("Ninety people fled from Mill Lane by boat [1].", "Forty people fled from Mill Lane [1].")
    answer, generation = asked(build(model))
    assert [sentence.text for sentence in answer.sentences] == ["Forty people fled from Mill Lane."]
    (removed,) = generation.removed
    assert (removed.text, removed.fate) == ("Ninety people fled from Mill Lane by boat.", "repaired")
    assert removed.verdict.label == "contradicted"
    assert removed.instead == "Forty people fled from Mill Lane."
    assert len(model.asked) == 2
    assert "Ninety people fled" in model.asked[1][-1].text


def test_what_cannot_be_repaired_is_replaced_by_the_quotation_where_another_sentence_passed(write: Write) -> None:
    lie = "Ninety people fled from Mill Lane [2]."
    question = "How high did the river Veld rise in Cray, and how many people fled?"
    done = write(question, [RIVER, QUOTE], f"The river Veld rose to nine metres in Cray [1]. {lie}", lie)
    assert [(one.text, one.written) for one in done.sentences] == [
        ("The river Veld rose to nine metres in Cray.", True),
        (QUOTE, False),
    ]
    (removed,) = done.generation.removed
    assert (removed.fate, removed.instead) == ("replaced", QUOTE)


def test_what_rests_only_on_context_is_not_shown(write: Write) -> None:
    done = write(QUESTION, [RIVER, QUOTE], "The river Veld rose to nine metres in Cray [1].", context=RIVER)
    assert not done.generation.used
    assert ONLY_CONTEXT in done.generation.removed[0].reasons


def test_where_nothing_passes_the_extractive_answer_stands_and_says_so(build: Build) -> None:
    plain = build(Script(REFUSAL)).ask(QUESTION, asked_on=ASKED_ON)
    answer, generation = asked(build(Script("Ninety people fled. The mayor resigned [1].")))
    assert answer.sentences == plain.sentences
    assert not any(sentence.written for sentence in answer.sentences)
    assert (generation.used, generation.note) == (False, NOTHING_PASSED)
    assert [(one.text, one.fate) for one in generation.removed] == [
        ("Ninety people fled.", "dropped"),
        ("The mayor resigned.", "dropped"),
    ]


@pytest.mark.parametrize(
    ("written", "note"),
    [(REFUSAL, DECLINED), ("", WROTE_NOTHING), ("[1]", WROTE_NOTHING), ("\u200b ", WROTE_NOTHING)],
)
def test_a_model_that_writes_nothing_leaves_the_quotations(build: Build, written: str, note: str) -> None:
    answer, generation = asked(build(Script(written)))
    assert answer.sentences[0].text == QUOTE
    assert (generation.used, generation.note, generation.removed) == (False, note, ())


def test_a_refusal_to_answer_is_not_shown(build: Build) -> None:
    answer, generation = asked(build(Script("I'm sorry, but I can't help with that.")))
    assert answer.sentences[0].text == QUOTE
    assert CITES_NOTHING in generation.removed[0].reasons


def test_what_is_true_but_no_answer_is_not_shown(write: Write) -> None:
    """The evidence says it plainly, in the very sentence that answers, and the question asks something else."""
    done = write(QUESTION, [MIXED_QUOTE], "Bread was free in Sallow [1].")
    assert not done.generation.used
    assert done.generation.removed[0].reasons == (BESIDE,)
    asks_for_it = write("Where was bread free?", [MIXED_QUOTE], "Bread was free in Sallow [1].")
    assert [one.text for one in asks_for_it.sentences] == ["Bread was free in Sallow."]


def test_the_same_twice_and_more_than_there_is_room_for_are_dropped(build: Build) -> None:
    says = [
        "Forty people fled from Mill Lane by boat [1].",
        "Forty people fled from Mill Lane by boat [1].",
        "Forty people fled from Mill Lane [1].",
        "Forty people fled by boat [1].",
        "From Mill Lane forty people fled [1].",
        "By boat forty people fled [1].",
        "Forty people fled by boat from Mill Lane [1].",
    ]
    answer, generation = asked(build(Script(" ".join(says))))
    assert len(answer.sentences) <= MOST_WRITTEN
    assert SAID_ALREADY in generation.removed[0].reasons
    assert all(one.fate == "dropped" for one in generation.removed)
    assert len(answer.sentences) == MOST_WRITTEN or TOO_MANY not in str(generation.removed)


def test_a_sentence_appears_once_it_has_passed_and_not_before(build: Build) -> None:
    model = Script(
        "Ninety people fled from Mill Lane [1]. Forty people fled from Mill Lane [1]. The mayor resigned [1].",
        "No [1].",
    )
    seen: list[tuple[str, ...]] = []
    answer = build(model).ask(
        QUESTION, asked_on=ASKED_ON, so_far=lambda partly: seen.append(tuple(one.text for one in partly.sentences))
    )
    assert seen == [("Forty people fled from Mill Lane.",)]
    assert answer.sentences[0].text == "Forty people fled from Mill Lane."


def test_what_so_far_raises_ends_the_work(build: Build) -> None:
    class Stopped(Exception):  # noqa: N818 - nothing went wrong
        pass

    def stop(answer: Answer) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        build(Script("Forty people fled from Mill Lane [1].")).ask(QUESTION, asked_on=ASKED_ON, so_far=stop)


def test_a_model_that_breaks_off_leaves_the_quotations_and_says_what_happened(build: Build) -> None:
    answer, generation = asked(build(Script("Forty people fled from Mill Lane [1]. The river …")))
    assert answer.sentences[0].text == QUOTE
    assert generation.note == (
        "The articles are quoted: the language model at URL broke off in the middle of its answer."
    )
    assert [one.fate for one in generation.removed] == ["dropped"]


def test_a_model_that_fails_while_repairing_costs_only_the_repair(build: Build) -> None:
    model = Script("Forty people fled from Mill Lane [1]. The mayor resigned [1].", LlmError("it is gone"))
    answer, generation = asked(build(model))
    assert answer.sentences[0].text == "Forty people fled from Mill Lane."
    assert generation.used
    assert generation.note is not None
    assert "it is gone" in generation.note


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_server_that_fails_leaves_the_quotations(build: Build, status: int) -> None:
    with scripted(lambda exchange: exchange.begin(status)) as server:
        model = open_llm(parse_llm(server.setting), {}, Limits(first_wait=0.01))
        answer, generation = asked(build(model))
    assert answer.sentences[0].text == QUOTE
    assert f"HTTP {status}" in str(generation.note)


def test_a_served_model_answers_through_the_gate(build: Build) -> None:
    def answer_it(exchange: Exchange) -> None:
        exchange.begin()
        exchange.words("Forty people fled from Mill Lane [1]. The mayor fled, too [1].")

    with scripted(answer_it) as server:
        answer, generation = asked(build(open_llm(parse_llm(server.setting), {})))
    assert [one.text for one in answer.sentences] == ["Forty people fled from Mill Lane."]
    assert [one.fate for one in generation.removed] == ["dropped"]


def test_the_embedded_model_answers_through_the_gate(build: Build) -> None:
    answer, generation = asked(build(open_llm(parse_llm("embedded"), {})))
    assert generation.model == "embedded"
    assert all(sentence.verdict.label == "supported" for sentence in answer.sentences)
    assert generation.used or generation.note


def test_a_written_answer_is_saved_and_read_back_whole(build: Build) -> None:
    lie = "Ninety people fled from Mill Lane [1][7]."
    answer, generation = asked(build(Script(f"Forty people fled from Mill Lane [1]. {lie}", lie)))
    assert generation.removed != ()
    again = answer_from_json(answer_to_json(answer))
    assert [(one.text, one.written, one.verdict) for one in again.sentences] == [
        (one.text, one.written, one.verdict) for one in answer.sentences
    ]
    assert again.generation is not None
    assert again.generation.removed[0].text == generation.removed[0].text
    assert answer_to_json(again)["generation"] == answer_to_json(answer)["generation"]
    assert all(sentence.verdict != NOT_CHECKED for sentence in again.sentences)
