"""docs/examples.md, made of docs/examples.toml by the reader itself: ``python -m bot.examples_page`` (`make docs`)."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from core.corrections import PART_NAMES, is_sure
from core.feedback import TITLES, Reading, read

SOURCE = Path(__file__).parent.parent / "docs" / "examples.toml"
MARKS = {"met": "met", "missing": "missing", "unsure": "unsure"}

HEAD = """# Twelve answers and their checklists

What Starling says about twelve made-up answers, word for word, made by `make docs`; a test holds the page and the
program together. How the reading works, and how far each word of it may be trusted, is in [feedback.md](feedback.md).
"""


def examples() -> list[dict[str, Any]]:
    """The answers of docs/examples.toml: title, question, level, about, text."""
    found: list[dict[str, Any]] = tomllib.loads(SOURCE.read_text("utf-8"))["answer"]
    return found


def reading_of(example: dict[str, Any]) -> Reading:
    """As a member who types that answer gets it."""
    return read(example["text"].strip(), question=example["question"], level=example["level"])


def page() -> str:
    """The whole page, ending in a newline."""
    parts = [HEAD]
    for number, example in enumerate(examples(), 1):
        parts.append(_one(number, example, reading_of(example)))
    return "\n".join(parts).rstrip() + "\n"


def _one(number: int, example: dict[str, Any], reading: Reading) -> str:
    lines = [
        f"## {number}. {example['title']}\n",
        f"{example['about']} Asked: “{example['question']}” ({example['level']})\n",
        *(f"> {line}  " for line in example["text"].strip().splitlines()),
        "",
        "| item | | the sentence that shows it |",
        "|---|---|---|",
    ]
    for key, check in reading.checks.items():
        quote = f"“{_cell(check.quote)}”" if check.quote else ""
        lines.append(f"| {TITLES[key]} | {MARKS[check.state]} | {quote} |")
    lines.append("")
    if reading.suggestions:
        lines += ["What would help most:\n", *(f"- {s}" for s in reading.suggestions), ""]
    lines += [f"{reading.length_note}\n", "Each sentence:\n"]
    lines += [
        f"- {PART_NAMES[s.label]}{'' if is_sure(s) else ' (unsure)'}: {_cell(s.text)}"
        for s in reading.sentences
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split()).removeprefix("- ")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page())
