"""Where each key and value of a TOML text stands, which tomllib does not tell.

A small scanner of TOML's shape: it knows keys, headers, strings, lists and inline tables, and leaves judging
what is valid to tomllib. On a text that is not TOML it stops where it gets lost and keeps what it found.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass

#: A path as one would index the parsed data: ("prompt", 3, "reveal", 0, "ask").
Path = tuple[str | int, ...]

#: No pack needs more, and tomllib takes quadratic time over dotted keys and recurses over nested values.
MAX_KEY_PARTS = 8
MAX_DEPTH = 16

# The largest pack has fewer; a hostile list of a million would take the memory of a small machine.
_MOST_SPANS = 100_000

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACES = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""("{0,2})', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*'''('{0,2})")
# A date and a time may be parted by one blank; nothing else that is bare holds one.
_BARE_VALUE = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]+")


class TooDeep(Exception):
    """Nested or dotted deeper than a pack can be; ``line`` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Lost(Exception):
    """Not TOML from here on."""


@dataclass(frozen=True, slots=True)
class Span:
    """``line`` of the key (or header, or element), and the source of the value as text[start:end].

    A table that a header or a dotted key opens has no source of its own: there ``start == end``.
    """

    line: int
    start: int
    end: int


class Places:
    """The answer of ``locate``: spans by path."""

    def __init__(self, spans: dict[Path, Span], doubled: tuple[Path, int, int] | None) -> None:
        self._spans = spans
        #: The first key given twice in one table: its path, its first line, its second line.
        self.doubled = doubled

    def line(self, path: Path) -> int:
        """The line (from 1) of the key, header or element, or of the nearest thing around it."""
        for length in range(len(path), 0, -1):
            if (span := self._spans.get(path[:length])) is not None:
                return span.line
        return 1

    def span(self, path: Path) -> Span | None:
        """The span of exactly this path, if it was found."""
        return self._spans.get(path)


def locate(text: str) -> Places:
    """Scan ``text`` (lines parted by ``\\n``) in linear time. Raises only ``TooDeep``."""
    scanner = _Scanner(text)
    with suppress(_Lost):  # tomllib says where and why; what was found before still helps
        scanner.document()
    return Places(scanner.spans, scanner.doubled)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.spans: dict[Path, Span] = {}
        self.doubled: tuple[Path, int, int] | None = None
        self._lengths: dict[Path, int] = {}  # of arrays of tables
        self._newlines = [match.start() for match in re.finditer("\n", text)]

    def document(self) -> None:
        table: Path = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table, 0)

    def _header(self) -> Path:
        start = self.at
        many = self.text.startswith("[[", start)
        self.at += 2 if many else 1
        parts = self._key()
        self._expect("]]" if many else "]")
        path: Path = ()
        for part in parts[:-1]:
            path += (part,)
            self._mark(path, start)
            if path in self._lengths:
                path += (self._lengths[path] - 1,)
        path += (parts[-1],)
        self._mark(path, start)
        if many:
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            path += (index,)
            self._mark(path, start)
        return path

    def _pair(self, table: Path, depth: int) -> None:
        start = self.at
        parts = self._key()
        self._expect("=")
        self._skip(_SPACES)
        path = table
        for part in parts[:-1]:
            path += (part,)
            self._mark(path, start)
        path += (parts[-1],)
        if path in self.spans and self.doubled is None:
            self.doubled = (path, self.spans[path].line, self._line(start))
        value = self.at
        self._value(path, depth)
        self._mark(path, start, value)

    def _key(self) -> list[str]:
        start = self.at
        parts: list[str] = []
        while True:
            self._skip(_SPACES)
            parts.append(self._key_part())
            if len(parts) > MAX_KEY_PARTS:
                raise TooDeep(self._line(start))
            self._skip(_SPACES)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _key_part(self) -> str:
        raw = self._take(_BARE_KEY) or self._take(_LITERAL) or self._take(_BASIC)
        if raw is None:
            raise _Lost
        if raw[0] == '"' and "\\" in raw:
            try:
                return str(tomllib.loads(f"key = {raw}")["key"])
            except ValueError:
                raise _Lost from None
        return raw[1:-1] if raw[0] in "\"'" else raw

    def _value(self, path: Path, depth: int) -> None:
        first = self.text[self.at : self.at + 1]
        if depth >= MAX_DEPTH and first in {"[", "{"}:
            raise TooDeep(self._line(self.at))
        if first == "[":
            self._list(path, depth + 1)
        elif first == "{":
            self._inline_table(path, depth + 1)
        elif first in {'"', "'"}:
            if not any(self._take(kind) for kind in (_LONG_BASIC, _LONG_LITERAL, _BASIC, _LITERAL)):
                raise _Lost
        elif self._take(_BARE_VALUE) is None:
            raise _Lost

    def _list(self, path: Path, depth: int) -> None:
        self.at += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            start = self.at
            self._value((*path, index), depth)
            self._mark((*path, index), start, start)
            index += 1
            self._separator("]")

    def _inline_table(self, path: Path, depth: int) -> None:
        self.at += 1
        while True:
            self._skip(_BLANK)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self._pair(path, depth)
            self._separator("}")

    def _separator(self, closing: str) -> None:
        self._skip(_BLANK)
        if self.text.startswith(",", self.at):
            self.at += 1
        elif not self.text.startswith(closing, self.at):
            raise _Lost

    def _expect(self, token: str) -> None:
        self._skip(_SPACES)
        if not self.text.startswith(token, self.at):
            raise _Lost
        self.at += len(token)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        if (match := pattern.match(self.text, self.at)) is not None:
            self.at = match.end()

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return match.group()

    def _mark(self, path: Path, key: int, value: int | None = None) -> None:
        # The first place counts: a table that is opened again (or a key given twice) keeps its line.
        if path not in self.spans and len(self.spans) < _MOST_SPANS:
            start, end = (key, key) if value is None else (value, self.at)
            self.spans[path] = Span(self._line(key), start, end)

    def _line(self, offset: int) -> int:
        return bisect_right(self._newlines, offset - 1) + 1
