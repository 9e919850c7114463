"""The dialogue in which a person keeps, edits or drops suggested questions, one by one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from index.files import visible
from index.records import ArticleInfo
from ui.render import counted

if TYPE_CHECKING:
    from eval.suggestion_files import SuggestionFiles
    from eval.suggestions import Suggestion

_ASKED = "[k]eep, [e]dit question, edit [a]nswer, [d]rop, [u]ndo the last, [q]uit"
_BETWEEN_ANSWERS = " | "


def decide_all(waiting: "Sequence[Suggestion]", files: "SuggestionFiles") -> tuple[int, int]:
    """Ask about each suggestion until all are decided or the person stops; returns how many were kept and dropped.

    Ctrl-C and the end of the input raise click.Abort; what was decided is saved.
    """
    decisions: list[bool] = []
    while len(decisions) < len(waiting):
        place = len(decisions)
        original = waiting[place]
        _show_place(original, f"{place + 1} of {len(waiting)}, {sum(decisions)} kept")
        decision, final = _decide(original, bool(decisions))
        if decision == "q":
            break
        if decision == "u":
            decisions.pop()
            files.take_back(waiting[place - 1])
        elif decision == "k":
            files.keep([final])
            decisions.append(True)
        else:
            files.drop(original)
            decisions.append(False)
    return sum(decisions), len(decisions) - sum(decisions)


def _decide(suggestion: "Suggestion", can_undo: bool) -> "tuple[str, Suggestion]":
    """k, d, u or q, and the suggestion as it was edited."""
    while True:
        click.echo(f"  {click.style('Question:', bold=True)} {visible(suggestion.question)}")
        click.echo(f"  {click.style('Answer:  ', bold=True)} {visible(_BETWEEN_ANSWERS.join(suggestion.answers))}")
        choice = str(click.prompt(_ASKED, prompt_suffix=" > ", default="", show_default=False)).strip().lower()[:1]
        if choice == "e":
            suggestion = replace(suggestion, question=_edited("Question", suggestion.question))
        elif choice == "a":
            suggestion = _with_answers(suggestion, _edited("Answers, parted by |", " | ".join(suggestion.answers)))
        elif choice == "u" and not can_undo:
            click.echo("  Nothing was decided yet.")
        elif choice and choice in "kduq":
            return choice, suggestion
        else:
            click.echo("  Type one of the letters k, e, a, d, u, q.")


def _with_answers(suggestion: "Suggestion", text: str) -> "Suggestion":
    from eval.answer_metrics import contains_answer

    answers = tuple(dict.fromkeys(part.strip() for part in text.split("|") if part.strip()))
    if not any(contains_answer(suggestion.gold[0].quote, answer) for answer in answers):
        click.echo("  The sentence doesn't hold that word for word, so only the sentence will be looked for.")
    return replace(suggestion, answers=answers)


def _edited(label: str, text: str) -> str:
    """What a person makes of a line; what was there stays where they leave the line empty."""
    entered = str(_prompt_with(label, text)).strip()
    # Half a character, as a terminal of another encoding sends it, could not be saved.
    entered = entered.encode("utf-8", "replace").decode("utf-8")
    return entered if entered.strip(" |") else text


def _prompt_with(label: str, text: str) -> object:
    """Ask for a line with the text in it to be edited, where the terminal can do that."""
    try:
        import readline
    except ImportError:  # Windows
        click.echo(f"  {text}\n  (type it anew, or leave it empty to keep it)")
        return click.prompt(label, default="", show_default=False)
    readline.set_startup_hook(lambda: readline.insert_text(text))
    try:
        return click.prompt(label, default="", show_default=False)
    finally:
        readline.set_startup_hook()


def _show_place(suggestion: "Suggestion", progress: str) -> None:
    """Which article, the sentence before, and the sentence."""
    click.echo(f"\n{click.style(progress, dim=True)}\n{click.style(_heading(suggestion.article), bold=True)}")
    if suggestion.before:
        click.echo(f"  … {_one_line(suggestion.before)}")
    click.echo(f"  » {_one_line(suggestion.gold[0].quote)}")
    if len(suggestion.gold) > 1:
        click.echo(f"  ({counted(len(suggestion.gold) - 1, 'further sentence')} of the archive with the same answer)")


def _heading(article: ArticleInfo) -> str:
    day = article.published.isoformat() if article.published else "undated"
    return _one_line(" – ".join((article.title or article.url or "untitled", article.outlet or "no outlet", day)))


def _one_line(text: str) -> str:
    """Nothing that steers a terminal comes out of an article's text."""
    return visible(" ".join(text.split()))
