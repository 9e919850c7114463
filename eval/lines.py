"""JSON lines read with care: whatever is wrong is said with its file and line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from index.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Line:
    """One JSON object of a file, or one inside it, and where it stands. Its fields are read with BadInputError."""

    where: str
    fields: Mapping[str, object]

    def has(self, field: str) -> bool:
        """Whether the field is there and not null."""
        return self.fields.get(field) is not None

    def text(self, field: str) -> str:
        """A text that is not blank."""
        return self._checked_text(field, self.fields.get(field))

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of such texts; it may be empty."""
        return tuple(self._checked_text(field, value) for value in self.values(field, "texts"))

    def values(self, field: str, kind: str) -> list[object]:
        """A list of anything; `kind` says what it should be of."""
        values = self.fields.get(field)
        if not isinstance(values, list):
            raise BadInputError(f"{self.where}: {field} must be a list of {kind}")
        return values

    def choices(self, field: str) -> tuple[str, ...]:
        """A list of anything, as texts; a wrong choice may well be blank."""
        return tuple(self._whole(field, str(value)) for value in self.values(field, "choices"))

    def number(self, field: str) -> int:
        """A whole number."""
        value = self.fields.get(field)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInputError(f"{self.where}: {field} must be a whole number")
        return value

    def day(self, field: str) -> date:
        """A date such as 2023-01-05 or 2023/01/05."""
        text = self.text(field)
        try:
            return date.fromisoformat(text.replace("/", "-"))
        except ValueError as error:
            raise BadInputError(f"{self.where}: {field} is {text!r}; a date such as 2023-01-05 is expected") from error

    def _checked_text(self, field: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise BadInputError(f"{self.where}: {field} is missing, blank or no text")
        return self._whole(field, value)

    def _whole(self, field: str, text: str) -> str:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise BadInputError(f"{self.where}: {field} holds half a surrogate pair, which is no character")
        return text


def read_lines(path: Path) -> Iterator[Line]:
    """The objects of a .jsonl file, blank lines left out. Raises BadInputError for a line that holds none."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    where = f"{path}:{number}"
                    yield Line(where, _object(raw, where))
    except OSError as error:
        raise BadInputError(f"{path}: can't be read ({error.strerror or error})") from error


def _object(raw: bytes, where: str) -> Mapping[str, object]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInputError(f"{where}: not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"{where}: not valid JSON ({error})") from error
    if not isinstance(value, dict):
        raise BadInputError(f"{where}: a JSON object is expected, with question_id and question")
    return value
