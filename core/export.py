"""A person's data as files to keep: JSON for programs, Markdown for people. Pure: rows in, bytes out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.plain import count

FORMAT = "starling-export-1"
Rows = Sequence[Mapping[str, Any]]
Data = Mapping[str, Rows]

TITLES = {
    "person": "You",
    "accounts": "Your accounts",
    "settings_changes": "Changes of your settings",
    "memberships": "Your groups",
    "reviews_written": "Reviews you wrote",
    "questions_given": "Questions you were given",
    "details_asked_for": "Details you asked for",
    "practice_log": "What you practised, and when",
    "streak": "Your streak",
    "points": "Your points",
    "board_sums": "Your sums on the boards",
    "reminders": "Your reminders",
    "reminder_times": "When your reminders were set for",
    "reminder_days": "Days on which a reminder was due",
    "messages": "Messages Starling sent to you",
    "said_later": "What Starling will tell you next time",
    "drafts": "Drafts",
    "codes": "Codes for linking accounts",
    "organiser_actions": "What you did as an organiser",
}
_WITH_ANSWERS = (
    "answers",
    "checklists",
    "corrections",
    "reviews_received",
)  # told together, answer by answer


def as_json(data: Data, now: datetime) -> bytes:
    """One object: ``format``, ``made_at`` and a list of rows for each section. Instants are UTC, ISO 8601."""
    whole = {"format": FORMAT, "made_at": now.isoformat(), **data}
    return (json.dumps(whole, ensure_ascii=False, indent=2, default=_plain) + "\n").encode()


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"no export for {type(value).__name__}")


def as_markdown(data: Data, now: datetime) -> bytes:
    """The same, to be read: the answers with their feedback first, then the rest as lists."""
    lines = ["# Your Starling data", "", f"Made on {now:%Y-%m-%d %H:%M} UTC. Instants are in UTC.", ""]
    lines += _section(TITLES["person"], data["person"])
    lines += _answers(data)
    for name, rows in data.items():
        if name != "person" and name not in _WITH_ANSWERS:
            lines += _section(TITLES.get(name, name.replace("_", " ").capitalize()), rows)
    return ("\n".join(lines).rstrip() + "\n").encode()


def _section(title: str, rows: Rows) -> list[str]:
    if not rows:
        return []
    if len(rows) == 1:
        return [f"## {title}", "", *(f"- {name}: {value}" for name, value in _cells(rows[0])), ""]
    return [f"## {title}", "", *("- " + "; ".join(f"{n}: {v}" for n, v in _cells(row)) for row in rows), ""]


def _cells(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Named values in one line each; empty ones are left out."""
    return [
        (name.replace("_", " "), _safe(_shown(v))) for name, v in row.items() if v not in (None, "", [], {})
    ]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return " ".join(str(value).split())


def _answers(data: Data) -> list[str]:
    answers = data["answers"]
    if not answers:
        return []
    checklists = {row["answer_id"]: row for row in data["checklists"]}
    reviews, corrections = _by_answer(data["reviews_received"]), _by_answer(data["corrections"])
    lines = ["## Your answers", "", f"{count(len(answers), 'answer')}, the oldest first.", ""]
    for row in answers:
        title = row["prompt_title"] or row["prompt"]
        lines += [f"### {_safe(title)}, attempt {row['attempt']} ({row['at']:%Y-%m-%d %H:%M})", ""]
        about = {
            k: v for k, v in row.items() if k not in ("text", "prompt_title", "prompt_text", "attempt", "at")
        }
        lines += [f"- {name}: {value}" for name, value in _cells(about)]
        lines += ["", *_quoted(row["prompt_text"], "Question: "), "", *_quoted(row["text"]), ""]
        if (checklist := checklists.get(row["id"])) is not None:
            lines += ["Checklist:", "", *_checklist(checklist), ""]
        if mine := corrections.get(row["id"]):
            lines += ["Your corrections:", "", *(f"- {_correction(one)}" for one in mine), ""]
        for review in reviews.get(row["id"], ()):
            about = {k: v for k, v in review.items() if k not in ("answer_id", "words")}
            lines += [
                "A review:",
                "",
                *(f"- {n}: {v}" for n, v in _cells(about)),
                "",
                *_quoted(review["words"]),
                "",
            ]
    return lines


def _by_answer(rows: Rows) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["answer_id"], []).append(row)
    return found


def _correction(row: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in _cells(row) if name != "answer id")


def _checklist(row: Mapping[str, Any]) -> list[str]:
    lines = []
    for item in row["checks"]:
        quote = f": “{_safe(_shown(item['quote']))}”" if item.get("quote") else ""
        lines.append(f"- {item['key']} {item['state']}{quote}")
    rest = {k: v for k, v in row.items() if k not in ("answer_id", "checks")}
    return [*lines, *(f"- {name}: {value}" for name, value in _cells(rest))]


def _quoted(text: str, head: str = "") -> list[str]:
    return [f"> {line}".rstrip() for line in _safe(f"{head}{text}").split("\n")]


def _safe(text: str) -> str:
    """Words of people as words: no HTML, no link and no picture that a reader's program would fetch."""
    return (
        text.replace("\\", "\\\\")
        .replace("<", "&lt;")
        .replace("[", "\\[")
        .replace("]", "\\]")
        .replace("`", "\\`")
    )
