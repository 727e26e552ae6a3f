"""Every limit of Discord's: what is exactly as long stays as it is, what is one longer is cut, and says so.

From the table in the design notes, Discord's column: which can be reached, and where that is shown.

    content, embeds, stickers, polls          never sent: test_nothing_old_is_ever_sent
    rows (5)                                  a limit of old messages; ours count components
    buttons in a row, label                   here
    address of a link button                  no link buttons; links in text are held to it, here
    custom_id, unique in a message            here (an id over it cannot be pressed, so it becomes words)
    options; label, value, hint; placeholder  here
    components (40), text in all (4,000)      here
    texts in a section (3)                    one, always: test_a_section_has_one_text
    pictures in a gallery, their description  here
    title, questions, label, description      here
    value of a text input (4,000)             here; its placeholder (100) is never sent
    radio buttons (2 to 10)                   never sent: one of several is a menu
    checkboxes (10), files to hand in (10)    here; one file at most
    commands: names, options, choices, sizes  core.commands refuses them at start; judged in test_discord_commands
    choices of an autocomplete (25, 100)      test_discord_simcord
    a file (10 MiB), files (10)               here
    mentions (100)                            here
    name of a thread (100)                    test_discord_simcord
    acknowledged in 3 s, token of 15 min      test_discord_interactions
"""

from __future__ import annotations

import os
import re
from typing import Any

import discord_double_judge as ours
import pytest
from discord_rules import units
from discord_simcord import Simcord, against, against_modal
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import blocks, views

from adapters.discord import limits
from adapters.discord.modals import modal
from adapters.discord.views import Payload, payload
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
    Image,
    Link,
    Mention,
    Message,
    Select,
    State,
    Table,
    Text,
    Tick,
    Ticks,
    View,
)

Json = dict[str, Any]


def sent(view: View, **how: Any) -> Payload:
    """``view`` as it goes out; both judges take it."""
    drawn = payload(view, **how)
    assert (against(drawn), Simcord().message(drawn)) == ([], "")
    return drawn


def shown(*found: Block, track: str = "") -> list[Json]:
    """Every component of a message, nested ones too."""
    drawn = sent(Message(found, private=False, track=track))
    return [each for _, each in ours.walk(drawn.json["components"])]


def only(kind: int, found: list[Json]) -> Json:
    (one,) = (c for c in found if c["type"] == kind)
    return one


def texts(found: list[Json]) -> str:
    return "\n".join(c["content"] for c in found if c["type"] == 10)


def asked(*fields: Field, title: str = "Title", **more: Any) -> Json:
    data = modal(Form("help", title, fields, **more))
    assert (against_modal(data), Simcord().modal(data)) == ([], "")
    return data


# --- words ----------------------------------------


def test_a_message_has_4000_characters_of_text() -> None:
    assert texts(shown(Text(("x" * 4000,)))) == "x" * 4000
    cut = texts(shown(Text(("x" * 4001,))))
    assert len(cut) <= 4000 and (more := re.search(r"… (\d+) more characters$", cut))
    assert cut.count("x") + int(more[1]) == 4001 and "more" not in texts(shown(Text(("x" * 3999,))))


def test_signs_of_two_units_count_twice_and_are_never_halved() -> None:
    assert texts(shown(Text(("🦆" * 2000,)))) == "🦆" * 2000
    cut = texts(shown(Text(("🦆" * 2001,))))
    assert "more characters" in cut and units(cut) <= 4000


def test_the_limit_is_for_all_texts_together() -> None:
    # Two characters are kept free for each join, also where a line between makes it needless.
    halves = shown(Text(("x" * 2000,)), Divider(), Text(("y" * 1998,)))
    assert sum(len(c.get("content", "")) for c in halves) == 3998
    for last in (Text(("y" * 2001,)), Text(("y" * 9000,))):
        found = texts(shown(Text(("x" * 2000,)), Divider(), last))
        assert len(found) <= 4001 and "more characters" in found


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (Code("line\n" * 1200), "more lines"),
        (Fields(tuple((f"Name {n}", ("value",)) for n in range(400))), "more"),
        (Table(("A", "B"), tuple((str(n), "x" * 20) for n in range(400))), "more"),
        (Checklist(tuple(CheckItem(f"Item {n}", State.MET) for n in range(400))), "more"),
        (Text((Bold("b" * 5000),)), "more characters"),
        (Text(("# _x_ " * 1000,), style="quote"), "more characters"),
        (
            Ticks("tick:answer=1;item=", tuple(Tick(str(n), f"Box {n} " + "x" * 200) for n in range(30))),
            "more",
        ),
    ],
    ids=lambda found: type(found).__name__,
)
def test_every_kind_of_block_says_how_much_more_there_was(block: Block, says: str) -> None:
    found = texts(shown(block))
    assert len(found) <= 4000
    assert found.rstrip().splitlines()[-1].startswith("… ") or "… " in found
    assert says in found


def test_a_link_of_512_characters_is_one_and_a_longer_one_is_words() -> None:
    address = "https://example.org/" + "x" * (limits.URL - 20)
    assert texts(shown(Text((Link("here", address),)))) == f"[here](<{address}>)"
    assert texts(shown(Text((Link("here", address + "x"),)))) == rf"here \(https\://example.org/{'x' * 493}\)"


def test_a_hundred_are_mentioned() -> None:
    def pinged(many: int) -> int:
        words = tuple(Mention("discord", "user", str(n), "x") for n in range(1, many + 1))
        return len(sent(Message((Text(words),), private=False)).json["allowed_mentions"]["users"])

    assert (pinged(100), pinged(101)) == (100, 100)


# --- what can be pressed ----------------------------------------


def some_buttons(many: int) -> Buttons:
    return Buttons(tuple(Button(f"B{n}", f"help:command=c{n}") for n in range(many)))


def test_a_row_has_five_buttons() -> None:
    rows = [c for c in shown(some_buttons(5)) if c["type"] == 1]
    assert [len(r["components"]) for r in rows] == [5]
    rows = [c for c in shown(some_buttons(6)) if c["type"] == 1]
    assert [len(r["components"]) for r in rows] == [5, 1]


def test_a_button_has_80_characters() -> None:
    assert only(2, shown(Buttons((Button("x" * 80, "today"),))))["label"] == "x" * 80
    assert only(2, shown(Buttons((Button("x" * 81, "today"),))))["label"] == "x" * 79 + "…"


def test_an_id_has_100_characters_and_what_has_more_is_words() -> None:
    fits = "help:command=" + "x" * 87
    assert only(2, shown(Buttons((Button("Go", fits),))))["custom_id"] == fits
    found = shown(Buttons((Button("Go", fits + "x"),)))
    assert [c["type"] for c in found] == [10] and "Go" in found[0]["content"]


def test_an_id_that_comes_twice_is_made_different_in_what_room_there_is() -> None:
    fits = "help:command=" + "x" * 87
    found = shown(Buttons((Button("Go", fits), Button("Again", fits))))
    said = [c.get("label", c.get("content", "")) for c in found]
    assert any("Go" in s for s in said) and any("Again" in s for s in said)


@pytest.mark.parametrize("track", ["", "coding"])
def test_a_message_has_40_components(track: str) -> None:
    for rest in range(5):  # buttons beside a frame, texts and lines, up to the limit
        for many in (31, 32, 33, 34, 70, 300):
            found = shown(*(Divider() for _ in range(rest)), some_buttons(many), Text(("x",)), track=track)
            assert len(found) <= limits.COMPONENTS
            labels = [c["label"] for c in found if c["type"] == 2]
            labels += [o["label"] for c in found for o in c.get("options", ())]
            missing = [f"B{n}" for n in range(many) if f"B{n}" not in labels and f"B{n}" not in texts(found)]
            assert missing == []


def test_exactly_40_components_stay_as_they_are() -> None:
    assert len(shown(some_buttons(32), Text(("x",)))) == 32 + 7 + 1
    over = shown(some_buttons(33), Text(("x",)))
    assert len(over) < 40 and [c["placeholder"] for c in over if c["type"] == 3] == ["Choose", "Choose"]


def choices(many: int) -> tuple[Choice, ...]:
    return tuple(Choice(f"C{n}", f"c{n}") for n in range(many))


def test_a_menu_has_25_options_and_says_how_many_more_there_are() -> None:
    menu = only(3, shown(Select("practice:track=", "Pick", choices(25))))
    assert (len(menu["options"]), menu["placeholder"]) == (25, "Pick")
    menu = only(3, shown(Select("practice:track=", "Pick", choices(26))))
    assert (len(menu["options"]), menu["placeholder"]) == (25, "Pick … 1 more")


def test_an_option_has_100_characters() -> None:
    def option(label: str, hint: str) -> Json:
        found: Json = only(3, shown(Select("practice:track=", "Pick", (Choice(label, "v", hint),))))[
            "options"
        ][0]
        return found

    whole = option("x" * 100, "h" * 100)
    assert (whole["label"], whole["description"]) == ("x" * 100, "h" * 100)
    cut = option("x" * 101, "h" * 101)
    assert (cut["label"], cut["description"]) == ("x" * 99 + "…", "h" * 99 + "…")


def test_an_option_whose_value_is_too_long_is_left_out_and_counted() -> None:
    found = (Choice("A", "x" * 100), Choice("B", "x" * 101))
    menu = only(3, shown(Select("practice:track=", "Pick", found)))
    assert ([o["label"] for o in menu["options"]], menu["placeholder"]) == (["A"], "Pick … 1 more")


def test_a_placeholder_has_150_characters_and_keeps_its_count() -> None:
    assert only(3, shown(Select("practice:track=", "x" * 150, choices(2))))["placeholder"] == "x" * 150
    assert only(3, shown(Select("practice:track=", "x" * 151, choices(2))))["placeholder"] == "x" * 149 + "…"
    both = only(3, shown(Select("practice:track=", "x" * 151, choices(30))))["placeholder"]
    assert len(both) == 150 and both.endswith("x… … 5 more")


# --- pictures and files ----------------------------------------


def test_a_gallery_has_ten_pictures_and_the_eleventh_is_words() -> None:
    ten = [Image(b"x", f"p{n}.png", f"Picture {n}") for n in range(11)]
    assert len(only(12, shown(*ten[:10]))["items"]) == limits.GALLERY == limits.FILES
    found = shown(*ten)
    assert len(only(12, found)["items"]) == 10 and "Picture 10" in texts(found)


def test_ten_files_go_along_and_the_eleventh_is_words() -> None:
    files = [File(b"x", f"f{n}.txt", f"File {n}") for n in range(11)]
    assert len([c for c in shown(*files[:10]) if c["type"] == 13]) == limits.FILES
    found = shown(*files)
    assert len([c for c in found if c["type"] == 13]) == 10 and "f10.txt" in texts(found).replace("\\", "")


def test_a_file_has_ten_mebibytes() -> None:
    whole = bytes(limits.FILE_BYTES)
    assert [c["type"] for c in shown(File(whole, "f.txt", "Export"))] == [10, 13]
    found = shown(File(whole + b"x", "f.txt", "Export"))
    assert [c["type"] for c in found] == [10] and "Export" in texts(found)


def test_a_pictures_description_has_1024_characters() -> None:
    def alt(words: str) -> str:
        return str(only(12, shown(Image(b"x", "p.png", words)))["items"][0]["description"])

    assert (alt("x" * 1024), alt("x" * 1025)) == ("x" * 1024, "x" * 1023 + "…")


# --- forms ----------------------------------------


def test_a_forms_title_has_45_characters() -> None:
    assert asked(Field("a", "A"), title="x" * 45)["title"] == "x" * 45
    assert asked(Field("a", "A"), title="x" * 46)["title"] == "x" * 44 + "…"


def test_a_form_asks_five_things_and_says_how_many_more_there_are() -> None:
    fields = tuple(Field(f"f{n}", f"F{n}", hint="h") for n in range(7))
    whole = asked(*fields[:5])["components"]
    assert [c["description"] for c in whole] == ["h"] * 5
    for many in (6, 7):
        cut = asked(*fields[:many])["components"]
        assert [c["description"] for c in cut] == [*["h"] * 4, f"h … {many - 5} more"]


def test_a_field_has_a_label_of_45_and_a_description_of_100() -> None:
    (whole,) = asked(Field("a", "x" * 45, hint="h" * 100))["components"]
    assert (whole["label"], whole["description"]) == ("x" * 45, "h" * 100)
    (cut,) = asked(Field("a", "x" * 46, hint="h" * 101))["components"]
    assert (cut["label"], cut["description"]) == ("x" * 44 + "…", "h" * 99 + "…")


@pytest.mark.parametrize("kind", ["line", "text"])
def test_an_input_takes_4000_characters_and_says_how_many_found_no_room(kind: Any) -> None:
    (whole,) = asked(Field("a", "A", kind, value="x" * 4000, hint="h"))["components"]
    assert (whole["component"]["value"], whole["description"]) == ("x" * 4000, "h")
    (cut,) = asked(Field("a", "A", kind, value="x" * 4001, hint="h"))["components"]
    assert (cut["component"]["value"], cut["description"]) == ("x" * 4000, "h … 1 more")


@pytest.mark.parametrize(("most", "kept"), [(1, 1), (4000, 4000), (4001, 4000), (100_000, 4000)])
def test_an_input_never_asks_for_more_than_there_is_room_for(most: int, kept: int) -> None:
    (label,) = asked(Field("a", "A", "text", most=most, least=most))["components"]
    assert label["component"]["max_length"] == label["component"]["min_length"] == kept


def test_ten_boxes_to_tick_are_boxes_and_eleven_a_menu_and_26_say_so() -> None:
    kinds = {}
    for many in (10, 11, 25, 26):
        (label,) = asked(Field("a", "A", "many", choices=choices(many), most=99))["components"]
        box = label["component"]
        kinds[many] = (box["type"], len(box["options"]), label.get("description", ""))
    assert kinds == {10: (22, 10, ""), 11: (3, 11, ""), 25: (3, 25, ""), 26: (3, 25, "… 1 more")}


def test_one_file_is_asked_for() -> None:
    (label,) = asked(Field("a", "A", "file"))["components"]
    assert label["component"]["max_values"] == 1 <= limits.UPLOADS


def test_the_words_above_a_form_have_4000_characters_or_100_where_there_is_no_room() -> None:
    whole = asked(Field("a", "A"), intro=("x" * 4000,))["components"][0]
    assert whole["content"] == "x" * 4000
    assert "more characters" in asked(Field("a", "A"), intro=("x" * 4001,))["components"][0]["content"]
    full = asked(*(Field(f"f{n}", "F") for n in range(5)), intro=("x" * 101,))["components"][0]
    assert full["description"] == "x" * 99 + "…"


# --- whatever it is ----------------------------------------

FULL = os.environ.get("STARLING_TEST_SIZE") == "full"
LARGE = settings(max_examples=1000 if FULL else 15, deadline=None)


@given(views)
@LARGE
def test_nothing_old_is_ever_sent(view: View) -> None:
    body = payload(view).json
    assert set(body) <= {"flags", "components", "allowed_mentions", "attachments"}
    assert body["flags"] & limits.IS_COMPONENTS_V2
    kinds = {each["type"] for _, each in ours.walk(body["components"])}
    assert kinds <= {1, 2, 3, 9, 10, 12, 13, 14, 17}


@given(st.lists(blocks, min_size=1, max_size=8), st.integers(1, 40))
@LARGE
def test_a_view_that_is_many_times_too_large_is_taken(found: list[Block], times: int) -> None:
    sent(Message(tuple(found) * times, private=False))


def test_a_section_has_one_text() -> None:
    found = shown(Text(("x",)), Buttons((Button("Go", "today"),)))
    assert [c["type"] for c in found] == [9, 10, 2]
