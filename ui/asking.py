"""An answer in the making: in a thread of its own, so that the page can say what is being done, and stop it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from index.errors import CopydeskError
from index.records import Filters
from qa.follow_up import TURNS_BACK
from qa.records import Answer, Turn
from ui import render
from ui.answer_view import render_partly
from ui.sources import show_answer

if TYPE_CHECKING:
    from qa.assistant import Assistant

# What is said of each stage of an answer; the others are parts of these.
STAGES = {
    "rewrite": "Understanding the question…",
    "retrieve": "Searching the articles…",
    "choose": "Reading what was found…",
    "check": "Checking each sentence against its source…",
    "write": "Writing the answer, each sentence checked…",
}
STOPPED = "Stopped. The question is back in the box."
_LOOK_EVERY_SECONDS = 0.1

_log = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Somebody stopped the answer."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far an answer has come: a stage that begins, or the chat message for what there is of it."""

    stage: str = ""
    message: str = ""


Tell = Callable[[Step], object]


@dataclass(slots=True)
class LazyAssistant:
    """An assistant that is built once, by whoever needs it first; the others wait. A failure is tried again."""

    build: "Callable[[], Assistant]"
    _lock: Lock = field(default_factory=Lock)
    _assistant: "Assistant | None" = None

    @property
    def ready(self) -> bool:
        return self._assistant is not None

    def get(self) -> "Assistant":
        """The assistant, after seconds if it is not there yet. Raises what `build` raises."""
        with self._lock:
            if self._assistant is None:
                self._assistant = self.build()
            return self._assistant

    def load_in_background(self) -> None:
        """Start loading; a failure is logged here and raised to whoever asks."""
        # Not a daemon: an interpreter that ends while PyTorch is being loaded in it aborts.
        Thread(target=self._load, name="load-models").start()

    def _load(self) -> None:
        try:
            self.get()
        except CopydeskError as error:
            _log.error("%s", error)


@dataclass(frozen=True, slots=True)
class Reply:
    """The chat message for a question, the conversation's turns with it, and the answer; None where it is none."""

    message: str
    turns: tuple[Turn, ...]
    answer: Answer | None = None


def reply_to(
    assistant: "Callable[[], Assistant]",
    question: str,
    filters: Callable[[], Filters],
    history: Sequence[Turn] = (),
    tell: Tell = lambda step: None,
) -> Reply:
    """An answer, a refusal, or what went wrong and how to mend it; then the turns are what they were. `assistant` may
    take its time to open one, and fail. Raises Stopped where `tell`, which is given each step on the way, raises it.
    """
    try:
        asked = assistant()
        answer = asked.ask(
            question,
            filters=filters(),
            history=history,
            began=lambda stage: tell(Step(stage=stage)),
            so_far=lambda partly: tell(Step(message=render_partly(partly))),
        )
        turns = (*history, Turn.of(answer))[-TURNS_BACK:]
        return Reply(show_answer(asked.archive, answer), turns, answer)
    except CopydeskError as error:
        return Reply(render.render_error(str(error)), tuple(history))
    except Stopped:
        raise
    except Exception:
        # The page's own edge: whatever failed, the conversation stays and the terminal has the traceback.
        _log.exception("Answering failed")
        message = render.render_error("This is a fault in copydesk; the terminal it runs in shows the details.")
        return Reply(message, tuple(history))


class Work:
    """Runs `reply(tell)` in a thread, which ends at the next step once it is stopped."""

    def __init__(self, reply: Callable[[Tell], Reply]) -> None:
        self._reply = reply
        self._stop = Event()
        self._steps: SimpleQueue[Step | None] = SimpleQueue()
        self._done: Reply | None = None
        # Not a daemon, as in LazyAssistant.
        Thread(target=self._run, name="answer").start()

    def stop(self) -> None:
        """From any thread; does nothing to work that is done."""
        self._stop.set()

    def steps(self) -> Iterator[Step]:
        """Each step as it is told, until the reply is there or the work is stopped."""
        while not self._stop.is_set():
            try:
                step = self._steps.get(timeout=_LOOK_EVERY_SECONDS)
            except Empty:
                continue
            if step is None:
                return
            yield step

    @property
    def reply(self) -> Reply | None:
        """What came of it; None when it was stopped."""
        return None if self._stop.is_set() else self._done

    def _run(self) -> None:
        try:
            self._done = self._reply(self._tell)
        except Stopped:
            _log.info("Stopped")
        finally:
            self._steps.put(None)

    def _tell(self, step: Step) -> None:
        if self._stop.is_set():
            raise Stopped
        self._steps.put(step)


class Running:
    """The work that goes on in each browser tab, so that a tab can stop its own."""

    def __init__(self) -> None:
        self._work: dict[str, Work] = {}

    def begin(self, tab: str, reply: Callable[[Tell], Reply]) -> Work:
        """Start the work of a tab; what it did before is stopped."""
        self.stop(tab)
        self._work[tab] = work = Work(reply)
        return work

    def stop(self, tab: str) -> None:
        """Stop what a tab does, if anything."""
        if work := self._work.pop(tab, None):
            work.stop()

    def end(self, tab: str, work: Work) -> None:
        """The page has no more use for this work: what of it still goes on is stopped."""
        if self._work.get(tab) is work:
            del self._work[tab]
        work.stop()
