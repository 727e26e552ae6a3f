"""What people type is read on Discord as they typed it; what does not fit is cut where nothing breaks."""

from __future__ import annotations

import re

import pytest
from discord_rules import units
from hypothesis import given
from hypothesis import strategies as st
from strategies import typed, words_of

from adapters.discord.escape import bold, code, code_block, escape, unescape
from adapters.discord.ids import action_of, original, unique
from adapters.discord.words import fitted, markdown
from adapters.fit import boundary, cut
from core.plain import clean_line, clean_text
from core.views import Text

ACTIVE = re.compile(
    r"[\\*_~`|\[\]()<>@]|https?:/|:[^\s\d]|^\s*[#+-]|^\s*\d+\.",
    re.MULTILINE,
)


def active(markdown: str) -> list[str]:
    """What Discord would not show as it stands, once what is behind a backslash is shown as it is."""
    return ACTIVE.findall(re.sub(r"\\[^0-9A-Za-z\s]", "\x00", markdown))


@pytest.mark.parametrize(
    "text",
    [
        "**bold** *it* _it_ __u__ ~~no~~ ||spoiler||",
        "`code` ```block```",
        "> quote",
        ">>> quote",
        "# head",
        "-# small",
        "- item\n* item\n+ item\n  - item",
        "1. item\n10. item",
        "[a](https://example.org)",
        "https://example.org/a_b?c=d",
        "<https://example.org>",
        "discord://x",
        "<@1> <@!1> <@&1> <#1> @everyone @here </story add:1>",
        "<:smile:1> <a:smile:1> :smile:",
        "<t:0:R> <id:customize>",
        r"\*not escaped\*",
        "¯\\_(ツ)_/¯",
        "a\n# b",
    ],
)
def test_marks_in_somebodys_text_are_shown_and_do_nothing(text: str) -> None:
    assert active(escape(text)) == []
    assert unescape(escape(text)) == text


@given(typed)
def test_whatever_is_typed_is_shown_as_typed(text: str) -> None:
    assert active(escape(text)) == []
    assert unescape(escape(text)) == text


@given(st.lists(typed, max_size=4))
def test_pieces_do_not_become_marks_where_they_meet(pieces: list[str]) -> None:
    assert active("".join(map(escape, pieces))) == []


def test_ordinary_prose_stays_short() -> None:
    prose = "I led it: two people, one week, a well-known bug. Then we shipped!"
    assert escape(prose) == prose


def test_bold_of_nothing_is_nothing() -> None:
    assert bold("") == ""
    assert bold(" ") == " "


@given(typed)
def test_code_ends_where_it_should(text: str) -> None:
    shown = code(text)
    if shown:
        fence = re.match("`+", shown)
        assert fence is not None
        assert shown.endswith(fence.group())
        inside = shown[fence.end() : -fence.end()]
        assert fence.group() not in inside
        assert inside.strip() == clean_line(text)
    assert code_block(clean_text(text)).count("```") == 2


# --- cutting ----------------------------------------

WHOLE = ("👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "é", "क्षि", "🏴󠁧󠁢󠁥󠁮󠁧󠁿")


@pytest.mark.parametrize("sign", WHOLE)
def test_a_sign_of_several_characters_is_never_cut_in_two(sign: str) -> None:
    text = f"ab{sign}{sign}cd"
    ends = {0, 1, 2, 2 + len(sign), 2 + 2 * len(sign), len(text) - 1, len(text)}
    if "क" in sign:  # two letters joined by a sign: a cut between them is a cut between letters
        ends |= {4, 2 + len(sign) + 2}
    assert {boundary(text, at) for at in range(len(text) + 1)} <= ends


@given(typed, st.integers(1, 60))
def test_what_is_cut_fits_and_says_so(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert len(kept) <= limit
    assert sum(2 if c > "\uffff" else 1 for c in kept) <= limit
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@given(st.lists(words_of | typed, max_size=80), st.integers(200, 600))
def test_whatever_is_fitted_fits(texts: list[str], room: int) -> None:
    found = [Text((t,)) for t in texts]
    kept = fitted(found, room)
    drawn = [markdown(b) for b in kept]
    assert units("\n\n".join(filter(None, drawn)).encode("utf-8", "replace").decode()) <= room
    if list(kept) != found:
        assert any("more" in d for d in drawn)


def test_what_fits_is_left_alone() -> None:
    blocks = (Text(("x" * 298,)), Text(("y" * 96,)))
    assert fitted(blocks, 396) == blocks
    assert fitted(blocks, 395) != blocks
    assert fitted(blocks[:1], 298) == blocks[:1]
    assert fitted(blocks[:1], 297) != blocks[:1]


# --- ids ----------------------------------------


@given(st.lists(st.sampled_from(["a", "a§1", "a§2", "a§2§1", "", "b;c=1", "§1"]), max_size=12))
def test_ids_are_unique_and_give_their_actions_back(actions: list[str]) -> None:
    taken: set[str] = set()
    ids = [unique(a, taken) for a in actions]
    assert len(set(ids)) == len(ids) == len(taken)
    assert [original(i or "") for i in ids] == actions


def test_a_menus_value_stands_behind_its_action() -> None:
    chosen = {"component_type": 3, "custom_id": "today:x=§2", "values": ["1"]}
    assert action_of(chosen) == "today:x=1"
    assert action_of({"component_type": 3, "custom_id": "today:x=", "values": []}) == "today:x="


@pytest.mark.parametrize("raw", ["x" * 101, "\ud800", "a\nb"])
def test_what_cannot_be_an_id_is_none(raw: str) -> None:
    assert unique(raw, set()) is None
