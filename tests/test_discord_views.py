"""Every view becomes a message that Discord takes, and says what it says everywhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from discord_rules import problems_of_message, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import blocks, views

from adapters.discord import limits
from adapters.discord.escape import unescape
from adapters.discord.ids import (
    action_of,
    carries,
    carry,
    controls_in,
    delivery_key,
    original,
    replaces,
    unique,
    with_key,
)
from adapters.discord.views import TRACK_COLOURS, Payload, about, draw, payload
from adapters.drawing import message_of
from core.packs.vocabulary import TRACK_TITLES
from core.text import as_text
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Choice,
    Code,
    Divider,
    Field,
    Fields,
    File,
    Form,
    FormErrors,
    Image,
    Link,
    Mention,
    Message,
    Page,
    Select,
    State,
    Table,
    Text,
    Tick,
    Ticks,
    Typed,
    View,
    When,
    say,
)

AT = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)


def sent(view: View, **how: Any) -> Payload:
    """What goes to Discord, drawn without the net that catches what cannot be drawn; Discord takes it."""
    drawn = payload(view, **how)
    assert problems_of_message(drawn.json, drawn.files) == []
    message = message_of(view)
    key = how.pop("key", "")
    how = {"files": True, "ephemeral": None, **how}
    again = draw(message, **{**how, "track": message.track or how.get("track", "")})
    carry(key, again.json["components"])
    assert again == drawn
    return drawn


def show(*found: Block, **how: Any) -> list[dict[str, Any]]:
    return list(sent(Message(found), **how).json["components"])


def text(*found: Block) -> str:
    """The markdown of ``found``, which are words only."""
    components = show(*found)
    assert [c["type"] for c in components] == [10]
    return str(components[0]["content"])


def seen(body: Payload) -> str:
    """Everything somebody reads in a message, texts, labels and options, each on its line."""
    found = []
    for c in walk(body.json["components"]):
        found += [unescape(c.get("content", "")), c.get("label", ""), c.get("placeholder", "")]
        found += [o[k] for o in c.get("options", ()) for k in ("label", "description") if k in o]
        found += [i["description"] for i in c.get("items", ())]
    return "\n".join(filter(None, found))


# --- blocks ----------------------------------------


def test_a_sentence_stands_alone_and_privately() -> None:
    assert sent(say("Good morning.")).json == {
        "flags": limits.IS_COMPONENTS_V2 | limits.EPHEMERAL,
        "components": [{"type": 10, "content": "Good morning."}],
        "allowed_mentions": {"parse": [], "users": [], "roles": []},
    }


def test_a_public_message_has_no_private_flag_and_a_private_one_can_go_to_a_dm() -> None:
    assert sent(say("x", private=False)).json["flags"] == limits.IS_COMPONENTS_V2
    assert sent(say("x"), ephemeral=False).json["flags"] == limits.IS_COMPONENTS_V2


def test_a_drop_is_a_card_in_its_tracks_colour() -> None:
    card = Message(
        (
            Text(("Tell me about a conflict.",), style="title"),
            Text(("Behavioural, about 5 minutes",), style="note"),
            Buttons(
                (Button("Answer", "answer:prompt=d1", "primary"), Button("Clarify", "clarify:prompt=d1"))
            ),
        ),
        private=False,
        track="behavioural",
    )
    (container,) = sent(card).json["components"]
    assert container["type"] == 17
    assert container["accent_color"] == TRACK_COLOURS["behavioural"]
    words, row = container["components"]
    assert words["content"] == "## Tell me about a conflict.\n-# Behavioural, about 5 minutes"
    assert [(b["label"], b["style"], b["custom_id"]) for b in row["components"]] == [
        ("Answer", 1, "answer:prompt=d1"),
        ("Clarify", 2, "clarify:prompt=d1"),
    ]


def test_every_track_has_its_own_colour() -> None:
    assert set(TRACK_COLOURS) == set(TRACK_TITLES)
    assert len(set(TRACK_COLOURS.values())) == len(TRACK_COLOURS)


def test_a_track_can_be_given_and_an_unknown_one_has_no_colour() -> None:
    assert sent(say("x"), track="coding").json["components"][0]["accent_color"] == TRACK_COLOURS["coding"]
    (card,) = sent(Message((Text(("x",)),), track="no-such-track")).json["components"]
    assert card["type"] == 17
    assert "accent_color" not in card


def test_texts_have_styles_on_each_of_their_lines() -> None:
    assert text(Text(("a\nb",), style="quote")) == "> a\n> b"
    assert text(Text(("a\n\nb",), style="note")) == "-# a\n-# b"
    assert text(Text(("a",), style="heading"), Text(("b",)), Text(("c",))) == "### a\nb\n\nc"


def test_spans_have_their_own_marks() -> None:
    line = Text(
        ("See ", Bold("this"), " at ", When(AT, "Europe/Berlin", "time"), ": ", Typed("story add title: `x`"))
    )
    assert text(line) == "See **this** at <t:1772397000:t>: `` /story add title: `x` ``"


def test_bold_words_do_not_run_over_lines_nor_into_each_other() -> None:
    assert text(Text((Bold("a\nb"), Bold("c")))) == "**a**\n**b**\u200b**c**"


@pytest.mark.parametrize(
    ("style", "letter"), [("time", "t"), ("date", "D"), ("both", "f"), ("relative", "R")]
)
def test_a_time_is_shown_in_the_readers_zone(style: Any, letter: str) -> None:
    assert text(Text((When(AT, "UTC", style),))) == f"<t:1772397000:{letter}>"


def test_a_link_that_core_built_stays_one() -> None:
    assert text(Text((Link("Two [Sum]", "https://example.org/a?b=(c)"),))) == (
        r"[Two \[Sum\]](<https://example.org/a?b=%28c%29>)"
    )
    assert text(Text((Link("https://example.org", "https://example.org"),))) == "<https://example.org>"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://", "https://[", "https://a b.org", "x"])
def test_what_is_no_address_is_no_link(url: str) -> None:
    assert unescape(text(Text((Link("here", url),)))) == f"here ({url})"


def test_a_label_that_pretends_to_be_another_address_is_shown_beside_the_real_one() -> None:
    shown = text(Text((Link("https://bank.example", "https://other.example"),)))
    assert shown == r"https\://bank.example (<https://other.example>)"


def test_only_a_mention_that_core_built_pings() -> None:
    body = sent(
        Message(
            (
                Text((Mention("discord", "user", "42", "Ada"), " <@43> @everyone ")),
                Fields((("Role", (Mention("discord", "role", "7", "practice"),)),)),
                Text((Mention("slack", "user", "U1", "Bo"), Mention("discord", "user", "x", "C"))),
            )
        )
    ).json
    assert body["allowed_mentions"] == {"parse": [], "users": ["42"], "roles": ["7"]}
    shown = body["components"][0]["content"]
    assert shown.startswith(r"<@42> \<\@43\> \@everyone")
    assert "<@&7>" in shown
    assert r"\@Bo\@C" in shown


def test_at_most_a_hundred_are_pinged() -> None:
    many = tuple(Text((Mention("discord", "user", str(n), "x"),)) for n in range(1, 121))
    assert len(sent(Message(many)).json["allowed_mentions"]["users"]) == 100


def test_code_keeps_its_fences_inside() -> None:
    assert text(Code("print(1)", "python")) == "```python\nprint(1)\n```"
    assert text(Code("a ```b`", "no lang!")) == "```\na `\u200b`\u200b`b`\u200b\n```"


def test_fields_are_named_values() -> None:
    fields = Fields((("Streak", ("3 days",)), ("Best", (Bold("5"),))))
    assert unescape(text(fields)) == "**Streak:** 3 days\n**Best:** **5**"


def test_a_checklist_has_marks_words_and_quotes() -> None:
    items = (
        CheckItem("Situation", State.MET, "We had *one* week.\nNo more."),
        CheckItem("Result", State.MISSING, None, "What came of it?"),
        CheckItem("Action", State.UNSURE),
    )
    assert text(Checklist(items)) == (
        "✅ **Situation**: met\n> “We had \\*one\\* week.\n> No more.”\n"
        "⬜ **Result**: missing\n-# What came of it?\n❔ **Action**: unsure"
    )


def test_a_table_is_as_wide_as_its_cells() -> None:
    table = Table(("Rank", "Name"), (("1", "Ada"), ("2", "李明")), "rl", marked=1)
    assert text(table) == "```\n  Rank  Name\n     1  Ada\n>    2  李明\n```"


def test_a_wide_table_gives_up_its_longest_cells_first() -> None:
    shown = text(Table(("Rank", "Name"), (("1", "n" * 60),)))
    assert max(map(len, shown.splitlines())) == limits.TABLE_WIDTH - 2
    assert "…" in shown


def test_a_table_with_too_many_columns_is_a_list() -> None:
    table = Table(tuple("abcde"), (tuple("v" * 12 for _ in range(5)),), marked=0)
    assert text(table).startswith(r"▶ **a\:** vvvvvvvvvvvv, **b\:** v")


def test_a_wide_table_without_rows_still_has_its_head() -> None:
    names = tuple(c * 12 for c in "abcde")
    assert text(Table(names, ())) == ", ".join(f"**{name}**" for name in names)
    assert text(Table(names, (("v",),))).startswith("**aaaaaaaaaaaa**, ")


def test_pictures_share_a_gallery_and_have_words() -> None:
    body = sent(
        Message((Image(b"1", "a b.png", "Points"), Image(b"2", "a b.png", ""), Image(b"3", "../", "C")))
    )
    (gallery,) = body.json["components"]
    assert [i["description"] for i in gallery["items"]] == ["Points", "A picture", "C"]
    assert body.files == (
        ("a_b.png", b"1", "Points"),
        ("a_b-2.png", b"2", "A picture"),
        ("picture.png", b"3", "C"),
    )
    assert body.json["attachments"][1] == {"id": 1, "filename": "a_b-2.png", "description": "A picture"}


def test_a_file_has_its_title_above_it() -> None:
    words, file = show(File(b"{}", "mine.json", "Everything of yours"))
    assert words["content"] == "Everything of yours"
    assert file == {"type": 13, "file": {"url": "attachment://mine.json"}}


@pytest.mark.parametrize(
    ("data", "kept"),
    [(b"", 0), (b"x", 1), (b"x" * limits.FILE_BYTES, 1), (b"x" * (limits.FILE_BYTES + 1), 0)],
)
def test_a_file_that_cannot_be_sent_is_shown_as_words(data: bytes, kept: int) -> None:
    body = sent(Message((File(data, "mine.json", "Export"),)))
    assert len(body.files) == kept
    assert "Export" in seen(body)


def test_ten_files_go_along_and_the_eleventh_is_named() -> None:
    body = sent(Message(tuple(Image(b"x", "a.png", f"alt {n}") for n in range(11))))
    assert len(body.files) == 10
    assert "alt 10" in seen(body)


def test_nothing_is_attached_where_nothing_can_be() -> None:
    body = sent(say("x"), files=False)
    assert not sent(Message((Image(b"x", "a.png", "Points"),)), files=False).files
    assert "attachments" not in body.json


def test_a_message_of_nothing_says_so() -> None:
    for view in (Message(()), Message((Text(()), Buttons(()), Fields(()), Code(" "), Table((), ())))):
        assert sent(view).json["components"] == [{"type": 10, "content": r"\(nothing to show\)"}]


def test_one_sentence_with_one_thing_to_press_is_a_section() -> None:
    (section,) = show(Text(("Reminders are on.",)), Buttons((Button("Stop", "remind stop", "danger"),)))
    assert section["type"] == 9
    assert section["components"] == [{"type": 10, "content": "Reminders are on."}]
    assert section["accessory"]["custom_id"] == "remind stop"
    assert section["accessory"]["style"] == 4


# --- what is pressed ----------------------------------------


def pressed(components: object) -> list[str]:
    """The actions of everything that can be pressed, as they come back."""
    found = []
    for c in walk(components):
        if c["type"] == 2:
            found.append(action_of({"component_type": 2, "custom_id": c["custom_id"]}))
        if c["type"] == 3:
            found += [
                action_of({"component_type": 3, "custom_id": c["custom_id"], "values": [o["value"]]})
                for o in c["options"]
            ]
    return found


def test_two_buttons_with_one_action_have_two_ids_and_one_action() -> None:
    components = show(Buttons((Button("A", "today"), Button("B", "today"), Button("C", "today§2"))))
    ids = [b["custom_id"] for b in components[0]["components"]]
    assert ids == ["today", "today§2", "today§2§1"]
    assert pressed(components) == ["today", "today", "today§2"]


@pytest.mark.parametrize(("length", "kept"), [(100, True), (101, False)])
def test_an_action_is_an_id_or_its_button_is_shown_as_words(length: int, kept: bool) -> None:
    body = sent(Message((Buttons((Button("Press", "x" * length),)),)))
    assert pressed(body.json["components"]) == (["x" * length] if kept else [])
    assert "Press" in seen(body)


@pytest.mark.parametrize(("length", "shown"), [(80, "x" * 80), (81, "x" * 79 + "…")])
def test_a_label_is_cut_visibly(length: int, shown: str) -> None:
    (row,) = show(Buttons((Button("x" * length, "today"),)))
    assert row["components"][0]["label"] == shown


def test_a_button_without_a_word_says_what_it_does() -> None:
    (row,) = show(Buttons((Button("\u200b", "today"),)))
    assert row["components"][0]["label"] == "today"


@pytest.mark.parametrize("number", [1, 5, 6, 25, 33, 34, 60, 200, 475, 480, 1000])
def test_however_many_buttons_none_vanishes_silently(number: int) -> None:
    body = sent(Message((Buttons(tuple(Button(f"b{n}", f"today:n={n}") for n in range(number))),)))
    actions = pressed(body.json["components"])
    assert actions == [f"today:n={n}" for n in range(len(actions))]
    for n in range(len(actions), number):
        assert f"b{n}" in seen(body) or "more characters" in seen(body)
    assert len(actions) == (number if number <= 500 else 475)  # 20 menus of 25; or 19, and a text


# --- what ids carry ----------------------------------------

ENDINGS = st.sampled_from(["§", "§2", "§r", "§1r", "§kd1h2", "§2rkd1h2", "§k", "r", "k", "§x", "a", ";b=1"])
hostile_actions = st.one_of(
    st.lists(ENDINGS, max_size=6).map("".join),
    st.text(st.characters(codec="utf-8"), max_size=105),
    st.tuples(st.text("a§", min_size=90, max_size=100), ENDINGS).map("".join),
)
keys = st.one_of(
    st.builds("d{}h{}".format, st.integers(1, 10**9), st.integers(1, 10**9)),
    st.text("0123456789abcdef", min_size=24, max_size=24).map("n{}".format),
)


@given(st.lists(st.tuples(hostile_actions, st.booleans()), max_size=8), keys, st.integers(0, 7))
def test_an_id_gives_back_its_action_its_mark_and_its_key(
    wanted: list[tuple[str, bool]], key: str, which: int
) -> None:
    taken: set[str] = set()
    made = [unique(action, taken, replaces=mark) for action, mark in wanted]
    for number, custom_id in enumerate(made):
        if number == which and custom_id is not None:
            made[number] = with_key(custom_id, key) or custom_id
    good = [custom_id for custom_id in made if custom_id is not None]
    assert len(set(good)) == len(good)
    for (action, mark), custom_id in zip(wanted, made, strict=True):
        if custom_id is None:
            assert len(action) > 90 or any(c < " " for c in action)
            continue
        assert len(custom_id.encode("utf-16-le")) // 2 <= 100
        assert original(custom_id) == action
        assert not replaces(custom_id) or mark
        assert delivery_key(custom_id) in ("", key)
        if len(action.encode("utf-16-le")) // 2 <= 70:
            assert replaces(custom_id) == mark
    short = [n for n, (action, _) in enumerate(wanted) if len(action) <= 30 and made[n] is not None]
    assert [n for n in short if delivery_key(made[n] or "")] == [n for n in short if n == which]


@pytest.mark.parametrize(
    ("raw", "mark", "made"),
    [
        ("history:page=2", True, "history:page=2§r"),
        ("a§r", False, "a§r§1"),
        ("a§r", True, "a§r§1r"),
        ("x" * 98, True, "x" * 98 + "§r"),
        ("x" * 99, True, "x" * 99),  # no room for the mark: the reply comes below instead
        ("x" * 100, False, "x" * 100),
    ],
)
def test_the_mark_stands_behind_the_action_where_there_is_room(raw: str, mark: bool, made: str) -> None:
    assert unique(raw, set(), replaces=mark) == made


@pytest.mark.parametrize(
    ("custom_id", "made"),
    [
        ("answer:prompt=d12", "answer:prompt=d12§kd12h3"),
        ("today§2", "today§2kd12h3"),
        ("history§r", "history§rkd12h3"),
        ("x" * 93, "x" * 93 + "§kd12h3"),
        ("x" * 94, None),
    ],
)
def test_a_key_joins_the_ending_that_is_there(custom_id: str, made: str | None) -> None:
    assert with_key(custom_id, "d12h3") == made


@pytest.mark.parametrize("key", ["", "a§b", "a b", "ä"])
def test_what_cannot_be_told_apart_again_is_no_key(key: str) -> None:
    assert with_key("today", key) is None


def keys_in(components: object) -> list[str]:
    return [delivery_key(c["custom_id"]) for c in controls_in(components)]  # type: ignore[arg-type]


def test_the_first_control_with_room_carries_the_key() -> None:
    full = Buttons((Button("Full", "f" * 95), Button("Answer", "answer:prompt=d1"), Button("More", "today")))
    components = sent(Message((Text(("Q",)), full), track="coding"), key="d1h2").json["components"]
    assert keys_in(components) == ["", "d1h2", ""]
    assert pressed(components) == ["f" * 95, "answer:prompt=d1", "today"]
    menu = Select("today:x=", "Which?", (Choice("a", "1"),))
    assert keys_in(sent(Message((menu,)), key="d1h2").json["components"]) == ["d1h2"]
    section = Message((Text(("Reminders are on.",)), Buttons((Button("Stop", "remind stop"),))))
    assert keys_in(sent(section, key="d1p").json["components"]) == ["d1p"]


@given(views, keys)
@settings(max_examples=40, deadline=None)
def test_a_key_goes_with_every_message_and_changes_nothing_but_one_id(view: View, key: str) -> None:
    bare, keyed = sent(view).json["components"], sent(view, key=key).json["components"]
    assert carries(key, keyed)
    assert not carries(key, bare)
    assert not carries(f"{key}0", keyed)
    found = list(controls_in(keyed))
    assert [k for k in keys_in(keyed) if k] == [key][: len(found)]
    assert all("id" in c for c in keyed[:1]) is not bool(found)
    keyed[0].pop("id", None)
    for control in found:
        control["custom_id"] = control["custom_id"].removesuffix(f"k{key}").removesuffix("§")
    for control in controls_in(bare):
        control["custom_id"] = control["custom_id"].removesuffix("§")
    assert keyed == bare


def test_where_no_control_has_room_the_key_is_a_number() -> None:
    full = Message((Text(("Q",)), Buttons((Button("Full", "f" * 99), Button("Full", "g" * 99)))))
    components = sent(full, key="d12h3").json["components"]
    assert keys_in(components) == ["", ""]
    assert carries("d12h3", components)
    assert not carries("d12h4", components)
    assert 1 << 30 <= components[0]["id"] < 1 << 31


def test_only_pages_and_boxes_are_replaced_by_their_replies() -> None:
    page = Page(Message((Buttons((Button("A", "a"),)),)), 2, 3, "history:page=1", "history:page=3")
    ticks = Ticks("tick:item=", (Tick("a", "A"),))
    many = Ticks("tick:item=", tuple(Tick(f"k{n}", f"item {n}") for n in range(10)))
    shown = {
        original(c["custom_id"]): replaces(c["custom_id"])
        for view in (page, Message((ticks,)), Message((many, Select("s=", "", (Choice("a", "1"),)))))
        for c in controls_in(sent(view).json["components"])
    }
    assert shown == {
        "a": False,
        "history:page=1": True,
        "history:page=3": True,
        "tick:item=a": True,
        "tick:item=": True,
        "s=": False,
    }


@pytest.mark.parametrize(
    ("action", "handle"),
    [
        ("answer:prompt=d12", "d12"),
        ("answer:prompt=p3", "p3"),
        ("answer:prompt=x3", ""),
        ("answer:prompt=d12;text=x", ""),
        ("today", ""),
    ],
)
def test_a_prompt_is_known_by_its_first_button(action: str, handle: str) -> None:
    card = Message(
        (Text(("Q",)), Buttons((Button("Answer", action), Button("B", "answer:prompt=d99")))), track="coding"
    )
    assert about(sent(card, key="d12h3").json["components"]) == handle
    assert (
        about(sent(Message((Text(("One line",)), Buttons((Button("A", action),))))).json["components"])
        == handle
    )
    assert about([]) == ""


def test_a_thread_is_no_part_of_the_message() -> None:
    assert sent(Message((Text(("Q",)),), thread="Conflict")) == sent(Message((Text(("Q",)),)))


# --- boxes and menus ----------------------------------------


def test_a_few_short_boxes_are_buttons() -> None:
    ticks = Ticks("tick:answer=1;item=", (Tick("a", "Asked first", True), Tick("b", "Named sizes")))
    components = show(ticks)
    assert [b["label"] for b in components[0]["components"]] == ["☑ Asked first", "☐ Named sizes"]
    assert pressed(components) == ["tick:answer=1;item=a", "tick:answer=1;item=b"]


@pytest.mark.parametrize("number", [6, 10, 25, 26])
def test_many_boxes_are_words_and_a_menu(number: int) -> None:
    items = tuple(Tick(f"k{n}", f"item {n}", n % 2 == 0) for n in range(number))
    words, *menus = show(Ticks("tick:answer=1;item=", items))
    assert words["content"].splitlines()[:2] == ["☑ item 0", "☐ item 1"]
    assert pressed(menus) == [f"tick:answer=1;item=k{n}" for n in range(number)]
    assert menus[0]["components"][0]["options"][1]["description"] == "not ticked"


def test_a_long_box_is_read_in_full_above_the_menu() -> None:
    words, _menu = show(Ticks("tick:item=", (Tick("a", "x" * 120),)))
    assert words["content"] == "☐ " + "x" * 120


@pytest.mark.parametrize(("number", "placeholder"), [(25, "Which?"), (26, "Which? … 1 more")])
def test_a_menu_says_how_many_choices_it_leaves_out(number: int, placeholder: str) -> None:
    choices = tuple(Choice(f"c{n}", str(n), "why") for n in range(number))
    components = show(Select("today:x=", "Which?", choices))
    menu = components[0]["components"][0]
    assert menu["placeholder"] == placeholder
    assert menu["options"][0] == {"label": "c0", "value": "0", "description": "why"}
    assert pressed(components) == [f"today:x={n}" for n in range(25)]


def test_a_menu_with_doubled_and_empty_values_gives_each_back() -> None:
    components = show(Select("today:x=", "", (Choice("a", "1"), Choice("b", "1"), Choice("c", ""))))
    assert pressed(components) == ["today:x=1", "today:x=1", "today:x="]


def test_a_menu_without_choices_is_its_words() -> None:
    assert text(Select("today:x=", "Nothing to choose", ())) == "Nothing to choose"


# --- pages and forms ----------------------------------------


def test_a_page_says_where_it_is_and_turns() -> None:
    page = Page(say("x"), 2, 3, "history:page=1", "history:page=3")
    words, row = sent(page).json["components"]
    assert words["content"] == "x\n-# Page 2 of 3"
    assert [b["label"] for b in row["components"]] == ["Earlier", "Later"]
    assert pressed(row) == ["history:page=1", "history:page=3"]


def test_an_only_page_says_nothing_of_pages() -> None:
    assert sent(Page(say("x"), 1, 1, None, None)) == sent(say("x"))


FORM = Form("answer:prompt=d1", "Your answer", (Field("text", "Answer", "text", value="We had a week."),))


def test_a_form_in_a_message_opens_when_pressed() -> None:
    body = sent(FORM).json
    assert pressed(body["components"]) == ["answer:prompt=d1"]
    assert "Fill in" in seen(sent(FORM))


def test_a_form_with_errors_is_a_private_note_that_opens_it_again() -> None:
    body = sent(FormErrors(FORM, {"text": "That is too short.", "": "Try again."}))
    assert body.json["flags"] & limits.EPHEMERAL
    assert pressed(body.json["components"]) == ["answer:prompt=d1"]
    shown = seen(body)
    assert "**Answer:** That is too short." in shown
    assert "Try again." in shown
    assert "We had a week." in shown
    assert "Edit" in shown


# --- limits of the whole ----------------------------------------


@pytest.mark.parametrize(("length", "whole"), [(3997, True), (4000, True), (4001, False), (9000, False)])
def test_long_text_is_cut_visibly(length: int, whole: bool) -> None:
    shown = text(Text(("x" * length,)))
    assert ("x" * length == shown) is whole
    if not whole:
        kept, left = re.fullmatch(r"(x+) … ([\d,]+) more characters", shown).groups()  # type: ignore[union-attr]
        assert len(kept) + int(left.replace(",", "")) == length
        assert len(kept) > 3900


def test_the_longest_gives_way_to_the_short() -> None:
    shown = text(Text(("Kept.",), style="heading"), Text(("x" * 9000,)), Text(("It counts.",)))
    assert shown.startswith("### Kept.\nxxx")
    assert shown.endswith("more characters\n\nIt counts.")


@pytest.mark.parametrize(
    "block",
    [
        Code("\n".join(f"line {n}" for n in range(2000))),
        Table(("n",), tuple((f"row {n}",) for n in range(2000))),
        Checklist(tuple(CheckItem(f"item {n}", State.MET) for n in range(2000))),
        Fields(tuple((f"name {n}", ("value",)) for n in range(2000))),
        Code("x" * 9000),
        Table(("n",), (("x" * 9000,), *((f"row {n}",) for n in range(2000)))),
        Checklist((CheckItem("x" * 9000, State.MET),)),
        Fields((("x", ("y" * 9000,)),)),
    ],
)
def test_a_long_block_is_cut_between_its_parts_and_says_how_much_more(block: Block) -> None:
    shown = text(block)
    assert re.search(r"… [\d,]+ more", shown)
    assert len(shown) > 3500
    assert shown.count("```") % 2 == 0


def test_of_very_many_blocks_the_last_are_counted() -> None:
    body = sent(Message((*(Text((f"word{n} " * 30,)) for n in range(300)), Buttons((Button("A", "today"),)))))
    assert re.search(r"… 2\d\d more", seen(body))
    assert pressed(body.json["components"]) == ["today"]


def test_lines_between_go_before_anything_else() -> None:
    many = [b for n in range(30) for b in (Divider(), Text((f"t{n}",)))]
    (only,) = show(*many)
    assert only["content"].count("t") == 30


def test_menus_that_find_no_room_are_words() -> None:
    menus = tuple(Select(f"today:x{n}=", f"menu {n}", (Choice(f"c{n}", "1"),)) for n in range(40))
    shown = seen(sent(Message(menus, track="coding")))
    assert all(f"menu {n}" in shown and f"c{n}" in shown for n in range(40))


# --- every view ----------------------------------------

DRAWN_OTHERWISE = re.compile(r"… |…$|…\n")


def oracle(view: View) -> View:
    """``view`` with what Discord shows in its own way taken out of the words."""
    if isinstance(view, Page):
        return replace(view, message=oracle(view.message))  # type: ignore[arg-type]
    if isinstance(view, Message):
        return replace(view, blocks=tuple(_oracle(b) for b in view.blocks))
    if isinstance(view, Form):
        return replace(view, intro=_timeless(view.intro))
    return replace(view, form=replace(view.form, intro=_timeless(view.form.intro)))


def _timeless(words: Any) -> Any:
    return tuple("" if isinstance(s, When) else s for s in words)


def _oracle(block: Block) -> Block:
    match block:
        case Text(words=words):
            return replace(block, words=_timeless(words))
        case Fields(items=items):
            return Fields(tuple((name, _timeless(value)) for name, value in items))
        case Image(alt=alt):
            return Text((alt,))
        case File(title=title):
            return Text((title,))
        case Ticks(items=items):
            return Text(tuple(f"{t.label}\n" for t in items))
    return block


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@given(views)
@settings(max_examples=100, deadline=None)
def test_every_word_of_every_view_is_there_unless_it_says_how_much_is_not(view: View) -> None:
    body = sent(view)
    shown = seen(body)
    if DRAWN_OTHERWISE.search(shown):
        return
    shown = letters(re.sub(r"<t:-?\d+:\w>", "", shown))
    for word in as_text(oracle(view)).split():
        assert letters(word) in shown


@given(st.lists(blocks, min_size=15, max_size=60), st.sampled_from(["", "coding"]), st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_crowded_view_is_taken_by_discord_as_well(many: list[Block], track: str, files: bool) -> None:
    body = sent(Message(tuple(many), track=track), files=files)
    wanted = sum(len(b.items) for b in many if isinstance(b, Buttons))
    assert len(pressed(body.json["components"])) >= wanted or "…" in seen(body)


@given(views)
@settings(max_examples=20, deadline=None)
def test_nobody_is_mentioned_by_what_others_typed(view: View) -> None:
    assert sent(view).json["allowed_mentions"] == {"parse": [], "users": [], "roles": []}


@pytest.mark.parametrize(
    "hostile",
    [None, Message((None,)), Message((Text((None,)),)), Message((Buttons((Button("a", "b", "x"),)),))],  # type: ignore[arg-type]
)
def test_what_is_no_view_at_all_is_still_answered(hostile: Any) -> None:
    body = payload(hostile)
    assert problems_of_message(body.json, body.files) == []
