"""What people type is read on Slack as they typed it; what does not fit is cut where nothing breaks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_rules import active, units, words_in
from strategies import blocks, spanned, typed

from adapters.fit import cut, fit
from adapters.slack.blocks import LEAST, blocks_of, elements_of, packed, weigh
from adapters.slack.escape import address, escape, tame, unescape
from adapters.slack.ids import action_of, key_in, metadata_for, original, replaces, unique
from adapters.slack.words import mentioned, mrkdwn, rich
from core.plain import clean_text
from core.views import Block, Bold, Button, Buttons, Code, Link, Mention, Text, Typed, When, Words

AT = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)


def test_exactly_three_signs_are_escaped_and_once_only() -> None:
    assert escape("a < b & c > \"d\" 'e' &amp;") == "a &lt; b &amp; c &gt; \"d\" 'e' &amp;amp;"
    assert unescape("&amp;lt; &lt; &#39; &quot;") == "&lt; < &#39; &quot;"


@given(typed)
def test_what_is_escaped_comes_back_as_it_was(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not set("<>") & set(escape(text))


@pytest.mark.parametrize(
    "text",
    [
        "*bold*", "_it_", "~no~", "`code`", "```block```", "snake_case_name", "2 * 3 * 4", ":smile:", "a :+1: b",
        "> quote", "a\n> quote", "&gt; x\n > y", "@channel", "@U123", "#general", "https://example.org", "mailto:x",
        "www.example.org", "http://x", "WWW.x",
    ],
)  # fmt: skip
def test_what_mrkdwn_would_read_as_a_mark_goes_into_rich_text(text: str) -> None:
    assert mrkdwn((text,)) is None or active(mrkdwn((text,)) or "") == []
    if not tame(text):
        assert rich((text,)) == [{"type": "text", "text": text}]
        assert [b["type"] for b in blocks_of(Text((text,)))] == ["rich_text"]


def test_ordinary_prose_is_a_section() -> None:
    prose = "“text:” is missing. I led it: two people, one week at 20:15, a well-known bug & C# <3. Then we shipped!"
    assert blocks_of(Text((prose,))) == [
        {"type": "section", "text": {"type": "mrkdwn", "text": escape(prose), "verbatim": True}}
    ]


@given(spanned)
def test_nothing_in_mrkdwn_is_active_but_what_core_put_there(words: Words) -> None:
    drawn = mrkdwn(words)
    assert drawn is None or active(drawn) == []


def test_pieces_do_not_become_marks_where_they_meet() -> None:
    assert mrkdwn((":", "smile:")) is None
    assert mrkdwn(("a", Bold("b"))) is None, "a mark between letters is no mark"
    assert mrkdwn((Bold("a"), Bold("b"))) is None
    assert mrkdwn(("a ", Bold("b"), ", c")) == "a *b*, c"


def test_spans_have_their_own_marks() -> None:
    spans: Words = ("By ", When(AT, "Europe/Berlin", "time"), ": ", Typed("answer text: x & y"))
    assert mrkdwn(spans) == (
        "By <!date^1772397000^{time}|21:30 (Europe/Berlin)>: `/starling answer text: x &amp; y`"
    )
    assert rich(spans) == [
        {"type": "text", "text": "By "},
        {
            "type": "date",
            "timestamp": 1772397000,
            "format": "{time}",
            "fallback": "21:30 (Europe/Berlin)",
        },
        {"type": "text", "text": ": "},
        {"type": "text", "text": "/starling answer text: x & y", "style": {"code": True}},
    ]


@pytest.mark.parametrize(
    ("mention", "drawn", "known"),
    [
        (Mention("slack", "user", "U1AB", "Ada"), "<@U1AB>", "U1AB"),
        (Mention("slack", "role", "S9", "owls"), "<!subteam^S9>", "S9"),
        (Mention("slack", "user", "S9", "Ada"), None, None),
        (Mention("slack", "user", "U1|x> <!channel", "Ada"), None, None),
        (Mention("slack", "role", "here", "here"), None, None),
        (Mention("discord", "user", "U1", "Ada"), None, None),
    ],
)
def test_only_a_mention_that_core_built_for_slack_pings(
    mention: Mention, drawn: str | None, known: str | None
) -> None:
    assert mentioned(mention) == known
    assert mrkdwn((mention,)) == drawn
    kinds = [e["type"] for e in rich((mention,))]
    assert kinds == [
        {"<": {"user": "user", "role": "usergroup"}[mention.kind]}.get((drawn or "x")[0], "text")
    ]


def test_a_link_that_core_built_stays_one_and_says_where_it_goes() -> None:
    assert mrkdwn((Link("Two Sum", "https://example.org/a?b=1&c=2"),)) == (
        "<https://example.org/a?b=1&amp;c=2|Two Sum>"
    )
    assert rich((Link("a_b", "https://example.org"),)) == [
        {"type": "link", "url": "https://example.org", "text": "a_b"}
    ]
    spoof = Link("https://bank.example", "https://other.example")
    assert mrkdwn((spoof,)) is None
    assert "".join(e.get("text", e.get("url", "")) for e in rich((spoof,))) == (
        "https://bank.example (https://other.example)"
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://", "https://[", "https://a b.org", "x", "h" * 4000]
)
def test_what_is_no_address_is_no_link(url: str) -> None:
    assert address(url) is None
    assert [e["type"] for e in rich((Link("here", url),))] == ["text"]


def test_an_address_is_as_long_as_slack_takes_it() -> None:
    fits = "https://example.org/" + "a" * (3000 - 20)
    assert address(fits) == fits
    assert address(fits + "a") is None


@pytest.mark.parametrize("length", [2999, 3000, 3001, 6000, 6001, 9000])
@pytest.mark.parametrize("sign", ["a", "&", "*", "👩‍👩‍👧‍👦", "word "])
def test_a_long_text_becomes_several_blocks_and_loses_nothing(length: int, sign: str) -> None:
    text = (sign * length)[:length].strip()
    made = blocks_of(Text((text,)))
    assert all(units(w) <= 3000 for w in words_in(made))
    found = [unescape(w) if b["type"] == "section" else w for b in made for w in words_in(b)]
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_code_keeps_its_signs_and_its_lines() -> None:
    assert blocks_of(Code("a ```b` *c*\n    d")) == [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "a ```b` *c*\n    d"}],
                }
            ],
        }
    ]


@given(st.lists(blocks, max_size=8), st.integers(900, 4000))
def test_what_is_cut_fits_and_says_how_much_more_there_was(many: list[Block], room: int) -> None:
    kept = fit(many, weigh, room, least=LEAST)
    if sum(map(weigh, many)) <= room:
        assert list(kept) == many
    else:
        assert sum(map(weigh, kept)) <= room
        assert "more" in str(kept)


def test_what_is_no_words_is_never_cut_away() -> None:
    keys = Buttons((Button("Answer", "answer"),))
    kept = fit([Text(("x" * 5000,)), keys, *[Text(("y" * 500,))] * 40], weigh, 2000, least=LEAST)
    assert keys in kept


@given(typed, st.integers(1, 60))
def test_cutting_keeps_the_beginning_within_the_limit(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert units(short.encode("utf-16", "surrogatepass").decode("utf-16", "replace")) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1].rstrip()))


@given(blocks)
def test_rich_text_says_what_the_native_blocks_say(block: Block) -> None:
    native, rich_text = blocks_of(block), packed(elements_of(block))
    assert bool(native) == bool(rich_text)
    assert [w for w in words_in(rich_text) if not clean_text(w) and w.strip()] == []


@pytest.mark.parametrize("raw", ["answer:prompt=d1", "a§2", "a§r", "§", "", "a" * 250, "ü" * 120])
@pytest.mark.parametrize("mark", [True, False])
def test_an_id_gives_its_action_back(raw: str, mark: bool) -> None:
    taken: set[str] = set()
    found = [unique(raw, taken, replaces=mark) for _ in range(12)]
    assert len({f for f in found if f}) == len([f for f in found if f])
    assert all(f is None or (original(f) == raw and units(f) <= 255) for f in found)
    assert all(f is None or replaces(f) == mark for f in found)


def test_what_can_be_no_id_is_none() -> None:
    assert unique("a" * 256, set()) is None
    assert unique("a\n", set()) is None
    assert unique("\ud800", set()) is None


def test_a_press_gives_its_action_and_a_menu_its_choice_behind_it() -> None:
    assert action_of({"type": "button", "action_id": "answer:prompt=d1§2r"}) == "answer:prompt=d1"
    select: dict[str, Any] = {"type": "static_select", "action_id": "tick:item=§r"}
    assert action_of({**select, "selected_option": {"value": "a§2"}}) == "tick:item=a"
    assert action_of({**select, "selected_option": None}) == "tick:item="
    assert action_of({}) == ""


def test_a_deliverys_key_is_found_again_in_a_message() -> None:
    metadata = metadata_for("d12h3")
    assert metadata == {"event_type": "starling_delivery", "event_payload": {"key": "d12h3"}}
    assert key_in({"ts": "1", "metadata": metadata}) == "d12h3"
    assert metadata_for("") is None
    assert key_in({}) == key_in({"metadata": {"event_type": "other", "event_payload": {"key": "k"}}}) == ""
