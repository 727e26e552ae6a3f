"""docs/slack.md: its tables, buttons and quotations are compared with the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from test_docs import said_in_source

from adapters.slack import limits
from adapters.slack.manifest import OPTIONAL, SCOPES
from bot.config import load
from core.catalogue import registry

ROOT = Path(__file__).parent.parent
SLACK = (ROOT / "docs/slack.md").read_text()

# What Slack's own client and pages say, and Starling never does.
SLACKS_WORDS = {
    "is not a valid command",
    "dispatch_failed",
    "operation_timeout",
    "Sending messages to this app has been turned off",
}


def rows(heading: str) -> list[list[str]]:
    """The table under ``heading``, without its head."""
    part = SLACK.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line[:1] == "|"]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_scopes_table_is_that_of_the_manifest() -> None:
    shown = {row[0]: row[1] for row in rows("Scopes")}
    named = {
        f"`{s}`{' (optional)' if s in OPTIONAL else ''}": why for s, why in {**SCOPES, **OPTIONAL}.items()
    }
    assert shown == named
    assert all(len(row) == 3 and row[2] for row in rows("Scopes"))


def test_what_members_press_is_there_to_press() -> None:
    transcript = (ROOT / "tests/data/slack/evening.txt").read_text()
    labels = set(re.findall(r"\[([^\]]+)\]", transcript))
    labels |= {b for f in ROOT.glob("core/**/*.py") for b in re.findall(r'Button\("([^"]+)"', f.read_text())}
    labels |= {c.message_action for c in registry() if c.message_action} | {"More actions", "Home"}
    pressed = [bold for row in rows("What members do") for bold in re.findall(r"\*\*(.+?)\*\*", row[0])]
    assert len(pressed) >= 10 and set(pressed) <= labels
    assert re.findall(r"^.*sensible beginning\. \*\*(.+?)\*\*", SLACK, re.MULTILINE) == ["Set up"]


def test_every_sentence_that_it_quotes_can_really_be_said() -> None:
    said = said_in_source()
    quoted = {q for row in rows("When something is wrong") for q in re.findall(r'"([^"]+)"', row[0])}
    assert len(quoted - SLACKS_WORDS) > 9
    for words in quoted - SLACKS_WORDS:
        for part in re.split(r"…|\d+|#practice", words):
            assert part.strip(" :.") in said, words


def test_how_much_a_form_takes_is_what_slack_takes() -> None:
    assert f"two boxes of {limits.INPUT:,} characters" in SLACK
    assert f"two boxes hold {2 * limits.INPUT:,} characters" in SLACK


@pytest.mark.parametrize("number", range(3))
def test_its_settings_can_be_pasted(number: int, tmp_path: Path) -> None:
    """With tokens in place of the dots."""
    examples = re.findall(r"```toml\n(.+?)```", SLACK, re.DOTALL)
    assert len(examples) == 3
    text = examples[number].replace('"xoxb-..."', '"xoxb-1"').replace('"xapp-..."', '"xapp-1"')
    file = tmp_path / "config.toml"
    file.write_text(text.replace('"..."', '"0123456789abcdef0123456789abcdef"'))
    settings = load(file, {}, {})
    assert len(settings.slack.tokens) == len(tomllib.loads(text)["slack"].get("workspaces", [1]))
    assert all(one.bot_token for one in settings.slack.tokens)
