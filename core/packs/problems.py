"""What is wrong with a pack, said so that its author can put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.errors import StarlingError

ERROR: Final = "error"
WARNING: Final = "warning"

#: How many problems the text of an error shows; all of them are in ``PackError.problems``.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one file.

    ``line`` counts from 1. ``where`` names the place in the author's words ("prompt 'x', key 'level'", "" for
    the file as a whole) and ``message`` is a sentence that begins with it, says what is wrong and how to mend
    it. ``severity`` is "error" (the pack is refused) or "warning" (it is taken).
    """

    file: str
    line: int
    where: str
    message: str
    severity: str = ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"

    @property
    def is_error(self) -> bool:
        """Whether this problem alone keeps the pack out."""
        return self.severity == ERROR


class PackError(StarlingError):
    """A pack or rubrics file cannot be used. ``problems`` holds all that was found, in order of line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        shown = [str(problem) for problem in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            shown.append(f"... and {len(problems) - _SHOWN} more")
        super().__init__("\n".join(shown) or "The pack cannot be read.")
        self.problems = problems
