"""``starling feedback``: the STAR reader on a text, or on JSON lines. Stores nothing, sends nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import SettingsError
from core.feedback import read
from core.plain import clean_text
from core.reply import reading_blocks
from core.text import as_text
from core.views import Message


def read_text(file: str, as_json: bool, say: Callable[[str], None]) -> bool:
    """Read ``file`` ("-": standard input) and print; False when a JSON line could not be read."""
    if as_json:
        return _lines(file, say)
    text = clean_text(_source(file).decode("utf-8", errors="replace"))
    if not text:
        raise SettingsError(
            "There are no words to read. Give a file, or pipe a text: starling feedback answer.txt"
        )
    say(as_text(Message(tuple(reading_blocks(read(text))))))
    return True


def _source(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror or error}.") from error


def _lines(file: str, say: Callable[[str], None]) -> bool:
    """A wrong line becomes {"line", "error"} on standard error, and the rest goes on."""
    good = True
    for number, line in _numbered(_source(file)):
        try:
            say(json.dumps(_one(json.loads(line)), ensure_ascii=False))
        except (ValueError, TypeError) as error:
            good = False
            wrong = {"line": number, "error": f"{error}"[:200]}
            sys.stderr.write(json.dumps(wrong, ensure_ascii=False) + "\n")
    return good


def _numbered(source: bytes) -> Iterator[tuple[int, str]]:
    text = source.decode("utf-8-sig", errors="replace")
    return ((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())


def _one(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise TypeError('each line is an object: {"id": ..., "question": ..., "text": ...}')
    question = given.get("question")
    if "sentences" in given:
        # The training files' shape is taken, too: {"text", "label"} in place of a plain sentence.
        sentences = [
            s["text"] if isinstance(s, dict) and "text" in s else s for s in _list(given["sentences"])
        ]
        if not all(isinstance(s, str) for s in sentences):
            raise TypeError('"sentences" is a list of texts')
        return read(sentences=sentences, question=question).as_json(given.get("id"))
    if not isinstance(given.get("text"), str):
        raise TypeError('"text" or "sentences" is missing')
    return read(given["text"], question=question).as_json(given.get("id"))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError('"sentences" is a list of texts')
    return value
