"""Every view becomes a message that Slack takes, and says what it says everywhere else."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import slack_double_judge as judge
import slack_double_limits as double
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_rules import problems_of_blocks, units, walk
from slack_rules import seen_in as seen
from strategies import blocks, views

from adapters.drawing import message_of
from adapters.slack import limits
from adapters.slack.ids import action_of, original, replaces
from adapters.slack.uploads import Upload
from adapters.slack.views import Payload, about, draw, fallback, home, payload
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
Json = dict[str, Any]


def sent(view: View, **how: Any) -> Payload:
    """What goes to Slack, drawn without the net that catches what cannot be drawn; Slack takes it."""
    drawn = payload(view, **how)
    assert problems_of_blocks(drawn.blocks) == []
    assert judge.arguments("chat.postMessage", {"channel": "C1", **drawn.arguments}) == []
    assert not double.metadata(drawn.metadata)
    assert 0 < units(drawn.text) <= 4000
    assert draw(message_of(view), files=how.get("files", True)).blocks == drawn.blocks
    return drawn


def show(*found: Block, **how: Any) -> list[Json]:
    return sent(Message(found), **how).blocks


def kinds(blocks: list[Json]) -> list[str]:
    return [b["type"] for b in blocks]


def pressed(blocks: list[Json]) -> list[str]:
    """Every action that can be asked for."""
    found = []
    for e in (e for b in blocks if b["type"] == "actions" for e in b["elements"]):
        options = e.get("options")
        found += [action_of({**e, "selected_option": o}) for o in options] if options else [action_of(e)]
    return found


def texts(blocks: list[Json]) -> list[str]:
    return [b["text"]["text"] for b in blocks]


# --- blocks ----------------------------------------


def test_a_sentence_stands_alone_and_privately() -> None:
    drawn = sent(say("Good morning."))
    assert drawn.blocks == [
        {"type": "section", "text": {"type": "mrkdwn", "text": "Good morning.", "verbatim": True}}
    ]
    assert drawn.text == "Good morning."
    assert drawn.private
    assert not sent(say("x", private=False)).private
    assert drawn.arguments == {
        "blocks": drawn.blocks,
        "text": "Good morning.",
        "unfurl_links": False,
        "unfurl_media": False,
    }


def test_a_drop_is_header_section_context_and_actions() -> None:
    card = Message(
        (
            Text(("Two queues",), style="title"),
            Text(("Tell me about a conflict.",)),
            Text(("Behavioural, about 5 minutes, closes ", When(AT, "UTC", "time")), style="note"),
            Buttons((Button("Answer", "answer:prompt=d1", "primary"), Button("Share", "share:drop=d1"))),
        ),
        private=False,
        track="behavioural",
    )
    drawn = sent(card, key="d1h2")
    assert kinds(drawn.blocks) == ["header", "section", "context", "actions"]
    assert drawn.blocks[0]["text"] == {"type": "plain_text", "text": "Two queues", "emoji": False}
    assert drawn.blocks[2]["elements"][0]["text"] == (
        "Behavioural, about 5 minutes, closes <!date^1772397000^{time}|20:30 (UTC)>"
    )
    assert drawn.blocks[3]["elements"] == [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": "Answer", "emoji": False},
            "action_id": "answer:prompt=d1",
            "style": "primary",
        },
        {
            "type": "button",
            "text": {"type": "plain_text", "text": "Share", "emoji": False},
            "action_id": "share:drop=d1",
        },
    ]
    assert drawn.metadata == {"event_type": "starling_delivery", "event_payload": {"key": "d1h2"}}
    assert drawn.arguments["metadata"] == drawn.metadata
    assert about(drawn.blocks) == "d1"


def test_a_message_that_asks_nothing_is_about_nothing() -> None:
    assert about(show(Buttons((Button("Share", "share:drop=d1"), Button("A", "answer:prompt=d1"))))) == ""
    assert about([]) == ""


@pytest.mark.parametrize(("length", "kind"), [(150, "header"), (151, "rich_text")])
def test_a_title_over_the_limit_is_bold_text(length: int, kind: str) -> None:
    made = show(Text(("x" * length,), style="title"))
    assert kinds(made) == [kind]
    assert seen(made) == "x" * length


def test_a_title_says_times_in_the_homes_zone() -> None:
    made = show(Text(("Closes ", When(AT, "Europe/Berlin", "time")), style="title"))
    assert made[0]["text"]["text"] == "Closes 21:30 (Europe/Berlin)"


def test_texts_have_styles() -> None:
    made = show(
        Text(("a",), style="heading"), Text(("b",)), Text(("c",), style="note"), Text(("d",), style="quote")
    )
    assert kinds(made) == ["section", "section", "context", "rich_text"]
    assert texts(made[:2]) == ["*a*", "b"]
    assert made[3]["elements"][0]["type"] == "rich_text_quote"


def test_what_somebody_typed_into_a_note_is_shown_as_typed() -> None:
    (made,) = show(Text(("by *Ada* :smile: <!channel>",), style="note"))
    assert made["type"] == "rich_text"
    assert made["elements"][0]["elements"] == [
        {"type": "text", "text": "by *Ada* :smile: <!channel>", "style": {"italic": True}}
    ]


def test_fields_stand_side_by_side_ten_in_a_section() -> None:
    items = tuple((f"Name {n}", (f"{n} days & more",)) for n in range(11))
    first, second = show(Fields(items))
    assert (len(first["fields"]), len(second["fields"])) == (10, 1)
    assert first["fields"][3]["text"] == "*Name 3*\n3 days &amp; more"


@pytest.mark.parametrize(("length", "kind"), [(1990, "section"), (2001, "rich_text")])
def test_a_long_field_is_a_line(length: int, kind: str) -> None:
    assert kinds(show(Fields((("Name", ("x" * length,)),)))) == [kind]


def test_a_field_with_marks_in_it_is_a_line() -> None:
    made = show(Fields((("Streak", ("3 days",)), ("Name", ("*Ada*",)))))
    assert kinds(made) == ["rich_text"]
    assert seen(made).split("\n") == ["Streak:", " ", "3 days", "Name:", " ", "*Ada*"]


def test_a_checklist_has_marks_words_and_quotes() -> None:
    items = (
        CheckItem("Situation", State.MET, "We had *one* week.\nNo more."),
        CheckItem("Result", State.MISSING, None, "What came of it?"),
    )
    (made,) = show(Checklist(items))
    assert [e["type"] for e in made["elements"]] == [
        *("rich_text_section", "rich_text_quote", "rich_text_section", "rich_text_section")
    ]
    assert seen([made]) == (
        "✅ \nSituation\n: met\n“We had *one* week.\nNo more.”\n⬜ \nResult\n: missing\nWhat came of it?"
    )


def test_a_table_is_as_wide_as_its_cells() -> None:
    table = Table(("Rank", "Name"), (("1", "Ada"), ("2", "李明")), "rl", marked=1)
    (made,) = show(table)
    assert made["elements"][0]["type"] == "rich_text_preformatted"
    assert seen([made]) == "  Rank  Name\n     1  Ada\n>    2  李明"


def test_a_wide_table_gives_up_its_longest_cells_first_and_then_is_a_list() -> None:
    shown = seen(show(Table(("Rank", "Name"), (("1", "n" * 60),))))
    assert max(map(len, shown.splitlines())) == limits.TABLE_WIDTH - 2
    assert "…" in shown
    made = show(Table(tuple("abcde"), (tuple("v" * 12 for _ in range(5)),), marked=0))
    assert seen(made).startswith("▶ \na:\n " + "v" * 12)


def test_a_table_with_very_many_rows_stands_in_several_pieces() -> None:
    made = show(Table(("Name",), tuple((f"somebody {n:03}",) for n in range(400))))
    assert len(made) > 1
    assert [line for line in seen(made).split("\n") if "…" not in line][-1] == "somebody 399"


def test_code_and_lines_between() -> None:
    assert kinds(show(Code("a\nb"), Divider(), Text(("x",)))) == ["rich_text", "divider", "section"]


def test_nothing_to_show_is_said() -> None:
    assert seen(show()) == seen(show(Text(("  ",)), Code(""), Buttons(()))) == "(nothing to show)"


# --- pictures and files ----------------------------------------

PNG = Image(b"\x89PNG", "chart week 12.png", "Points a day: 3, 4, 5")


def test_a_picture_waits_for_its_upload() -> None:
    drawn = sent(Message((Text(("Chart",)), PNG)))
    assert drawn.files == (Upload("chart_week_12.png", b"\x89PNG", PNG.alt, PNG.alt),)
    assert drawn.blocks[1] == {"type": "image", "slack_file": {"id": "upload-0"}, "alt_text": PNG.alt}
    there = drawn.placed({0: "F123"})
    assert there[1]["slack_file"] == {"id": "F123"}
    assert problems_of_blocks(there) == []
    words = drawn.placed({})
    assert kinds(words) == ["section", "rich_text"] or kinds(words) == ["section", "section"]
    assert "Points a day: 3, 4, 5" in seen(words)
    assert drawn.blocks[1]["slack_file"] == {"id": "upload-0"}, "what is sent again begins anew"


def test_where_nothing_can_be_attached_pictures_are_words() -> None:
    drawn = sent(Message((PNG, File(b"x", "mine.json", "Your data"))), files=False)
    assert drawn.files == ()
    assert "Points a day: 3, 4, 5" in seen(drawn.blocks)
    assert "Your data: mine.json" in seen(drawn.blocks)


def test_a_file_is_named_where_it_belongs_and_sent_along() -> None:
    drawn = sent(Message((File(b"x", "../my data.json", "Your data"),)))
    assert drawn.files == (Upload("my_data.json", b"x", "Your data", ""),)
    assert seen(drawn.blocks) == "Your data"


def test_an_empty_or_an_eleventh_picture_is_words() -> None:
    drawn = sent(Message((replace(PNG, data=b""), *[PNG] * 11)))
    assert len(drawn.files) == 10
    assert kinds(drawn.blocks).count("image") == 10
    assert seen(drawn.blocks).count("chart week 12.png") == 2


# --- what can be pressed ----------------------------------------


@pytest.mark.parametrize(("number", "rows"), [(25, [25]), (26, [25, 1])])
def test_buttons_stand_in_rows_of_twenty_five(number: int, rows: list[int]) -> None:
    made = show(Buttons(tuple(Button(f"B {n}", f"b:n={n}") for n in range(number))))
    assert [len(b["elements"]) for b in made] == rows


@pytest.mark.parametrize(("length", "shown"), [(75, "x" * 75), (76, "x" * 74 + "…")])
def test_a_long_label_is_cut_visibly(length: int, shown: str) -> None:
    (made,) = show(Buttons((Button("x" * length, "b"),)))
    assert made["elements"][0]["text"]["text"] == shown


def test_two_buttons_with_one_action_have_two_ids() -> None:
    made = show(Buttons((Button("A", "answer"), Button("B", "answer"))), Buttons((Button("C", "answer"),)))
    ids = [e["action_id"] for b in made for e in b["elements"]]
    assert ids == ["answer", "answer§2", "answer§3"]
    assert pressed(made) == ["answer"] * 3


def test_a_button_that_can_have_no_id_is_words() -> None:
    made = show(Buttons((Button("Long", "x" * 256), Button("Fine", "x" * 255), Button("None", ""))))
    assert "[Long] [None]" in seen(made)
    assert pressed(made) == ["x" * 255]


@pytest.mark.parametrize(("number", "said"), [(100, "Pick one"), (101, "Pick one … 1 more")])
def test_a_menu_has_a_hundred_choices_and_counts_the_others(number: int, said: str) -> None:
    choices = tuple(Choice(f"L{n}", f"v{n}", "a hint") for n in range(number))
    made = payload(Message((Select("pick:what=", "Pick one", choices),)))
    (select,) = made.blocks[0]["elements"]
    assert len(select["options"]) == 100
    assert select["placeholder"]["text"] == said
    assert pressed(made.blocks)[7] == "pick:what=v7"


@pytest.mark.parametrize(("length", "kept"), [(75, 75), (76, 75)])
def test_an_options_text_and_hint_are_cut(length: int, kept: int) -> None:
    (made,) = show(Select("s=", "", (Choice("x" * length, "v", "y" * length),)))
    option = made["elements"][0]["options"][0]
    assert (units(option["text"]["text"]), units(option["description"]["text"])) == (kept, kept)


def test_a_choice_that_cannot_be_carried_is_counted() -> None:
    (made,) = show(Select("s=", "", (Choice("long", "v" * 76), Choice("a", "v" * 75), Choice("b", "v" * 75))))
    select = made["elements"][0]
    assert [o["text"]["text"] for o in select["options"]] == ["a"]
    assert select["placeholder"]["text"] == "… 2 more"


def test_few_boxes_are_buttons_and_many_a_menu() -> None:
    few = show(Ticks("tick:item=", (Tick("a", "Situation", True), Tick("b", "Task"))))
    assert [(e["text"]["text"], e.get("style")) for e in few[0]["elements"]] == [
        ("☑ Situation", "primary"),
        ("☐ Task", None),
    ]
    assert pressed(few) == ["tick:item=a", "tick:item=b"]
    many = show(Ticks("tick:item=", tuple(Tick(f"k{n}", f"item {n}", n == 3) for n in range(10))))
    assert "☑ item 3" in seen(many)
    assert pressed(many) == [f"tick:item=k{n}" for n in range(10)]


def test_only_pages_boxes_and_forms_are_replaced_by_their_replies() -> None:
    page = Page(Message((Buttons((Button("A", "a"),)),)), 2, 3, "history:page=1", "history:page=3")
    ticks = Ticks("tick:item=", (Tick("a", "A"),))
    form = Form("answer:prompt=d1", "T", (Field("text", "Text"),))
    shown = {
        original(e["action_id"]): replaces(e["action_id"])
        for view in (page, Message((ticks, Select("s=", "", (Choice("a", "1"),)))), form)
        for e in walk(sent(view).blocks)
        if "action_id" in e
    }
    assert shown == {
        "a": False,
        "history:page=1": True,
        "history:page=3": True,
        "tick:item=a": True,
        "s=": False,
        "answer:prompt=d1": True,
    }


def test_a_form_is_a_note_with_a_button_that_opens_it() -> None:
    form = Form("answer:prompt=d1", "Answer", (Field("text", "Text", value="so far"),))
    drawn = sent(FormErrors(form, {"text": "Too short.", "": "Try again."}))
    for words in ("Answer", "Text:", "Too short.", "Try again.", "so far", "Edit"):
        assert words in seen(drawn.blocks)
    assert pressed(drawn.blocks) == ["answer:prompt=d1"]


# --- too much of it ----------------------------------------


@pytest.mark.parametrize("number", [50, 51, 60])
def test_more_than_fifty_paragraphs_share_blocks(number: int) -> None:
    made = show(*(Text((f"Paragraph {n}.",)) for n in range(number)))
    assert len(made) == 50 if number == 50 else len(made) < 50
    assert all(f"Paragraph {n}." in seen(made) for n in range(number))


def test_lines_between_go_first() -> None:
    made = show(*(b for n in range(30) for b in (Text((f"P{n}",)), Divider())))
    assert "divider" not in kinds(made)
    assert all(f"P{n}" in seen(made) for n in range(30))


def test_many_rows_of_buttons_become_menus() -> None:
    rows = tuple(b for n in range(40) for b in (Text((f"P{n}",)), Buttons((Button(f"B{n}", f"b:n={n}"),))))
    made = sent(Message(rows)).blocks
    assert sorted(pressed(made)) == sorted(f"b:n={n}" for n in range(40))
    assert all(f"P{n}" in seen(made) for n in range(40))


def test_many_menus_become_words_from_the_last_on() -> None:
    menus = tuple(Select(f"s{n}=", f"Menu {n}", (Choice(f"choice {n}", "v"),)) for n in range(60))
    made = sent(Message(menus)).blocks
    assert len(made) == 50
    assert all(f"choice {n}" in seen(made) for n in range(60))


def test_a_very_long_message_says_how_much_more_there_was() -> None:
    made = show(Text(("word " * 6000,)), Text(("The end.",)))
    assert re.search(r"… [\d,]+ more characters", seen(made))
    assert "The end." in seen(made)


@pytest.mark.parametrize("sign", ["x", "<", "*"])
def test_the_fallback_is_cut_at_four_thousand(sign: str) -> None:
    for length in (3999, 4000, 4001, 50_000):
        text = fallback(say(sign * length))
        assert units(text) <= 4000
        assert text.endswith("…") is (units(sign * length if sign != "<" else "&lt;" * length) > 4000)
        assert units(text) > 3980
    assert fallback(say("x" * 4000)) == "x" * 4000


def test_the_fallback_pings_nobody_and_names_the_command() -> None:
    said = say("<!channel> <@U1> ", Mention("slack", "user", "U1", "Ada"), " try ", Typed("today"))
    assert fallback(said) == "&lt;!channel&gt; &lt;@U1&gt; @Ada try /starling today"


# --- the Home tab ----------------------------------------


def test_the_home_tab_holds_a_hundred_blocks_of_several_views() -> None:
    made = home(
        say("Streak: ", Bold("3"), " days"),
        Message(tuple(Text((f"P{n}",)) for n in range(98))),
        Message((PNG,)),
    )
    assert double.view(made) == []
    assert problems_of_blocks(made["blocks"], view=True) == []
    assert "Streak: *3* days" in seen(made["blocks"])
    assert "P97" in seen(made["blocks"])
    assert "Points a day" in seen(made["blocks"])
    assert "image" not in kinds(made["blocks"])


def test_the_home_tab_has_more_room_than_a_message_and_still_an_end() -> None:
    long = [say(f"{n} " + "word " * 3000) for n in range(3)]
    assert "more characters" not in seen(home(*long)["blocks"])
    made = home(*long * 4)
    assert double.view(made) == []
    assert "more characters" in seen(made["blocks"])
    assert len(str(made)) < 250_000


@given(st.lists(views, max_size=4))
@settings(max_examples=25, deadline=None)
def test_every_home_is_taken(found: list[View]) -> None:
    made = home(*found)
    assert double.view(made) == []
    assert problems_of_blocks(made["blocks"], view=True) == []


# --- everything there is ----------------------------------------

DRAWN_OTHERWISE = re.compile(r"… [\d,]+ more|…$", re.MULTILINE)


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def oracle(view: View) -> View:
    """``view`` with what Slack says in its own way said so: a file's name, a picture's, a menu's values."""
    message = message_of(view)
    found = []
    for block in message.blocks:
        match block:
            case Image(data=data, alt=alt) if data:
                found.append(Text((alt,)))
            case File(data=data, title=title) if data:
                found.append(Text((title,)))
            case Divider():
                continue
            case Table() | Buttons() | Select() | Ticks():
                continue  # cells may be cut, labels are: they have their own tests
            case _:
                found.append(block)
    return replace(message, blocks=tuple(found))


@given(views)
@example(Form("today", "", (), "", ("0", Link("0", "https://example.org/a"))))
@settings(max_examples=100, deadline=None)
def test_every_word_of_every_view_is_there_unless_it_says_how_much_is_not(view: View) -> None:
    shown = seen(sent(view).blocks)
    if DRAWN_OTHERWISE.search(shown):
        return
    shown = re.sub(r"<!date[^|]*\|", "", shown)
    labels = letters(re.sub(r"<https?:[^|>]*\|", "", shown))  # a word goes on into a link's label
    shown = letters(shown)
    for word in as_text(oracle(view), "/starling ").split():
        assert letters(word) in shown or letters(word) in labels


@given(st.lists(blocks, min_size=15, max_size=70), st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_crowded_view_is_taken_by_slack_as_well(many: list[Block], files: bool) -> None:
    drawn = sent(Message(tuple(many)), files=files)
    wanted = sum(len(b.items) for b in many if isinstance(b, Buttons))
    assert len(pressed(drawn.blocks)) >= wanted or "…" in seen(drawn.blocks)


@given(views)
@settings(max_examples=40, deadline=None)
def test_nobody_is_mentioned_by_what_others_typed(view: View) -> None:
    drawn = sent(view)
    assert not set("<>") & set(drawn.text)
    assert not [
        e for e in walk(drawn.blocks) if e.get("type") in ("user", "usergroup", "broadcast", "channel")
    ]


@pytest.mark.parametrize(
    "hostile",
    [None, Message((None,)), Message((Text((None,)),)), Message((Buttons((Button(None, "b"),)),))],  # type: ignore[arg-type]
)
def test_what_is_no_view_at_all_is_still_answered(hostile: Any) -> None:
    drawn = payload(hostile, key="k")
    assert problems_of_blocks(drawn.blocks) == []
    assert drawn.text
    assert drawn.metadata is not None
    assert double.view(home(hostile)) == []
