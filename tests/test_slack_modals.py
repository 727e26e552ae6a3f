"""A form is a modal that Slack takes; what comes back is what was filled in, whatever its length."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import slack_double_limits as double
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_rules import problems_of_blocks, units, words_in
from strategies import form_errors, forms, typed

from adapters.slack.modals import CALLBACK, ELEMENT, Uploaded, about_of, action_of, errors, modal, values_of
from core.plain import clean_line, clean_text
from core.views import Choice, Field, Form, FormErrors, When

Json = dict[str, Any]
CHOICES = tuple(Choice(f"Label {n}", f"v{n}", "hint") for n in range(120))


def opened(form: Form | FormErrors, about: dict[str, str] | None = None) -> Json:
    """The modal, which Slack takes."""
    data = modal(form, about)
    assert double.view(data) == []
    assert problems_of_blocks(data["blocks"], view=True) == []
    assert data["callback_id"] == CALLBACK
    return data


def asked(*fields: Field) -> list[Json]:
    return [b for b in opened(Form("answer", "T", fields))["blocks"] if b["type"] == "input"]


def submitted(data: Json, typed_in: dict[str, str] | None = None) -> Json:
    """The state that Slack sends when the modal is sent as it was opened, or with other words in some boxes."""
    values: Json = {}
    for block in data["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        kind = element["type"]
        made: Json = {"type": kind}
        match kind:
            case "plain_text_input":
                made["value"] = element.get("initial_value")
                if typed_in and block["block_id"] in typed_in:
                    made["value"] = typed_in[block["block_id"]] or None
            case "static_select":
                made["selected_option"] = element.get("initial_option")
            case "conversations_select":
                made["selected_conversation"] = element.get("initial_conversation")
            case "file_input":
                made["files"] = []
            case _:
                made["selected_options"] = element.get("initial_options", [])
        values[block["block_id"]] = {element["action_id"]: made}
    return {"values": values}


def boxes(blocks: list[Json]) -> list[str]:
    return [b["element"].get("initial_value", "") for b in blocks]


# --- what is asked ----------------------------------------


def test_lines_and_texts_are_inputs_with_their_values() -> None:
    line, text = asked(
        Field("title", "Title", "line", value="One", most=80, hint="A short one"),
        Field("text", "Answer", "text", required=False, value="a\nb", most=500),
    )
    assert line == {
        "type": "input",
        "block_id": "title",
        "label": {"type": "plain_text", "text": "Title", "emoji": False},
        "hint": {"type": "plain_text", "text": "A short one", "emoji": False},
        "element": {
            "type": "plain_text_input",
            "multiline": False,
            "max_length": 80,
            "initial_value": "One",
            "action_id": ELEMENT,
        },
        "optional": False,
    }
    assert text["element"]["multiline"] is True
    assert text["element"]["initial_value"] == "a\nb"
    assert text["optional"] is True
    assert "hint" not in text


def test_an_empty_text_has_a_box_for_the_rest_and_says_how_much_room_there_is() -> None:
    first, rest = asked(Field("text", "Your answer", "text", hint="About 5 minutes."))
    assert (first["block_id"], rest["block_id"]) == ("text", "text¶2n")
    assert first["element"]["max_length"] == rest["element"]["max_length"] == 3000
    assert first["hint"]["text"] == "About 5 minutes. Room for 3,000 characters; it goes on in the next box."
    assert rest["hint"]["text"] == "Room for 3,000 characters."
    assert (first["optional"], rest["optional"]) == (False, True)


def test_where_core_asks_for_the_rest_itself_no_box_is_added() -> None:
    assert [b["block_id"] for b in asked(Field("text", "A", "text"), Field("more", "B", "text"))] == [
        "text",
        "more",
    ]


@pytest.mark.parametrize(
    ("length", "number"), [(2999, 1), (3000, 1), (3001, 2), (4000, 2), (6001, 3), (20_000, 7)]
)
@pytest.mark.parametrize("sign", ["x", "word ", "line\n", "👩‍👩‍👧‍👦", "a  \n\n b"])
def test_a_long_answer_is_prefilled_in_as_many_boxes_as_it_needs(sign: str, length: int, number: int) -> None:
    text = clean_text((sign * length)[: length if sign != "👩‍👩‍👧‍👦" else length // 2])
    form = Form("revise", "T", (Field("text", "Your answer", "text", value=text), Field("more", "B", "text")))
    data = opened(form)
    inputs = [b for b in data["blocks"] if b["type"] == "input"]
    assert len(inputs) - 1 <= number + 1 + length // 9000
    assert all(units(box) <= 3000 for box in boxes(inputs))
    assert values_of(submitted(data)) == {"text": text, "more": ""}


def test_the_boxes_say_what_room_is_left_in_them() -> None:
    inputs = asked(Field("text", "Your answer", "text", value="x" * 5600), Field("more", "More", "text"))
    assert [b["label"]["text"] for b in inputs] == ["Your answer", "Your answer (2)", "More"]
    assert inputs[0]["hint"]["text"] == "Room for 0 more characters; it goes on in the next box."
    assert inputs[1]["hint"]["text"] == "Room for 400 more characters."


def test_what_is_typed_into_several_boxes_is_one_text() -> None:
    data = opened(Form("answer", "T", (Field("text", "Your answer", "text", value=""),)))
    assert values_of(submitted(data, {"text": "One.", "text¶2n": "Two."})) == {"text": "One.\nTwo."}
    assert values_of(submitted(data, {"text": "", "text¶2n": "Two."})) == {"text": "Two."}
    assert values_of(submitted(data)) == {"text": ""}


@given(st.lists(st.one_of(typed, st.sampled_from(["word " * 200, "x" * 900, "\n\n", "  "])), max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_word_of_any_answer_is_lost(pieces: list[str]) -> None:
    text = clean_text("".join(pieces))
    data = opened(Form("revise", "T", (Field("text", "A", "text", value=text),)))
    assert values_of(submitted(data)) == {"text": text}


def test_what_is_longer_than_all_boxes_is_counted() -> None:
    inputs = asked(Field("text", "A", "text", value="x" * 61_000))
    assert len(inputs) == 20
    assert "… 1,000 more" in inputs[-1]["hint"]["text"]


def test_a_value_that_was_too_long_can_be_shortened_in_place() -> None:
    (made,) = asked(Field("title", "Title", most=5, value="much too long"))
    assert made["element"]["initial_value"] == "much too long"
    assert made["element"]["max_length"] == 13


def test_a_required_empty_text_says_how_little_is_enough() -> None:
    (made,) = asked(Field("ask", "Ask", "text", least=4, most=500))
    assert (made["element"]["min_length"], made["element"]["max_length"]) == (4, 500)


def test_one_of_many_is_a_menu_and_several_of_few_are_boxes() -> None:
    one, few, many = asked(
        Field("level", "Level", "choice", choices=CHOICES[:2], value="v1"),
        Field("tracks", "Tracks", "many", choices=CHOICES[:10], value="v0, Label 3", least=1, most=10),
        Field("packs", "Packs", "many", required=False, choices=CHOICES[:11], value="", most=5),
    )
    assert one["element"]["type"] == "static_select"
    assert one["element"]["initial_option"] == one["element"]["options"][1]
    assert few["element"]["type"] == "checkboxes"
    assert [o["value"] for o in few["element"]["initial_options"]] == ["v0", "v3"]
    assert (many["element"]["type"], many["element"]["max_selected_items"]) == ("multi_static_select", 5)


@pytest.mark.parametrize(("number", "hint"), [(100, "Pick"), (101, "Pick … 1 more")])
def test_choices_beyond_the_limit_are_counted(number: int, hint: str) -> None:
    (made,) = asked(Field("level", "Level", "choice", choices=CHOICES[:number], hint="Pick"))
    assert len(made["element"]["options"]) == 100
    assert made["hint"]["text"] == hint


def test_a_choice_of_nothing_and_a_role_are_typed() -> None:
    choice, role = asked(Field("level", "Level", "choice"), Field("role", "Role", "role", value="owls"))
    assert choice["element"]["type"] == role["element"]["type"] == "plain_text_input"
    assert role["element"]["initial_value"] == "owls"


def test_channels_are_picked_and_come_back_as_ids() -> None:
    here, there, other = asked(
        Field("channel", "Channel", "channel", value="C0123"),
        Field("there", "There", "channel"),
        Field("other", "Other", "channel", required=False, value="#practice"),
    )
    assert here["element"] == {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        "initial_conversation": "C0123",
        "action_id": ELEMENT,
    }
    assert there["element"]["default_to_current_conversation"] is True
    assert not {"initial_conversation", "default_to_current_conversation"} & set(other["element"])
    back = submitted({"blocks": [here, there, other]})
    assert values_of(back) == {"channel": "C0123", "there": "", "other": ""}


def test_a_file_comes_back_as_where_it_is() -> None:
    data = opened(Form("packs import", "T", (Field("file", "Pack", "file"),)))
    back = submitted(data)
    assert values_of(back) == {"file": ""}
    back["values"]["file"][ELEMENT]["files"] = [
        {"id": "F1", "name": "p.toml", "size": 3, "url_private_download": "https://files/x"}
    ]
    assert values_of(back) == {"file": Uploaded("p.toml", "https://files/x", 3)}


# --- the frame ----------------------------------------


@pytest.mark.parametrize(("length", "shown"), [(24, "x" * 24), (25, "x" * 23 + "…")])
def test_a_title_that_is_cut_stands_whole_above_the_fields(length: int, shown: str) -> None:
    data = opened(Form("answer", "x" * length, (Field("a", "A"),), submit="y" * length))
    assert data["title"]["text"] == shown
    assert data["submit"]["text"] == shown.replace("x", "y")
    assert ("x" * length in "".join(words_in(data["blocks"]))) is (length > 24)


@pytest.mark.parametrize(("length", "kept"), [(2000, 2000), (2001, 2000)])
def test_labels_and_hints_are_cut_at_two_thousand(length: int, kept: int) -> None:
    (made,) = asked(Field("a", "x" * length, hint="y" * length))
    assert units(made["label"]["text"]) == units(made["hint"]["text"]) == kept


def test_an_introduction_stands_above_in_the_readers_time() -> None:
    at = When(datetime(2026, 3, 1, 20, 30, tzinfo=UTC), "Europe/Berlin", "time")
    data = opened(Form("answer", "T", (Field("a", "A"),), intro=("By ", at, " please")))
    assert data["blocks"][0]["text"]["text"] == "By <!date^1772397000^{time}|21:30 (Europe/Berlin)> please"


def test_a_very_long_introduction_is_cut_visibly() -> None:
    data = opened(Form("answer", "T", (Field("a", "A"),), intro=("word " * 3000,)))
    assert "more characters" in "".join(words_in(data["blocks"]))


def test_fields_beyond_the_view_are_counted() -> None:
    data = opened(Form("answer", "T", tuple(Field(f"f{n}", "F") for n in range(110))))
    assert len(data["blocks"]) == 100
    assert words_in(data["blocks"][-1:]) == ["… 11 more"]


def test_a_form_without_fields_still_opens() -> None:
    assert opened(Form("answer", "", ()))["title"]["text"] == "…"


def test_the_action_and_where_it_was_asked_travel_along() -> None:
    data = opened(Form("answer:prompt=d1", "T", (Field("a", "A"),)), {"channel": "C1", "thread": "1.2"})
    assert action_of(data) == "answer:prompt=d1"
    assert about_of(data) == {"channel": "C1", "thread": "1.2"}
    assert units(data["private_metadata"]) <= 3000
    crowded = opened(Form("answer", "T", (Field("a", "A"),)), {"words": "x" * 3000})
    assert (action_of(crowded), about_of(crowded)) == ("answer", {})


@pytest.mark.parametrize("metadata", ["", "{", "[]", "3", json.dumps({"action": 3})])
def test_a_modal_that_is_none_of_ours_helps(metadata: str) -> None:
    assert action_of({"private_metadata": metadata}) == "help"
    assert about_of({"private_metadata": metadata}) == {}


# --- what was wrong ----------------------------------------


def test_errors_stand_at_their_fields_and_the_others_at_the_first() -> None:
    form = Form("answer", "T", (Field("text", "A", "text", value="x" * 4000), Field("days", "D")))
    wrong = FormErrors(form, {"days": "No such day.", "": "Try again.", "gone": "Too late."})
    ids = {b["block_id"] for b in opened(form)["blocks"]}
    found = errors(wrong)
    assert found == {"days": "No such day.", "text": "Try again. Too late."}
    assert set(found) <= ids
    assert errors(FormErrors(Form("a", "T", ()), {"": "x"})) == {}


def test_a_form_that_is_opened_again_says_so_at_the_field() -> None:
    data = opened(FormErrors(Form("answer", "T", (Field("a", "A", hint="h"),)), {"a": "Too short."}))
    assert data["blocks"][0]["hint"]["text"] == "! Too short."


# --- every form ----------------------------------------


@given(forms | form_errors)
@settings(max_examples=60, deadline=None)
def test_every_form_is_taken_and_comes_back_as_it_went(view: Form | FormErrors) -> None:
    data = opened(view)
    form = view.form if isinstance(view, FormErrors) else view
    assert action_of(data) == form.action
    if isinstance(view, FormErrors):
        blocks = {b["block_id"] for b in data["blocks"] if b["type"] == "input"}
        assert set(errors(view)) <= blocks
        assert all(errors(view).values())
    values = values_of(submitted(data))
    if len({f.name for f in form.fields}) == len(form.fields):
        assert set(values) == {f.name for f in form.fields}
    if len(values) < len(form.fields):  # two fields with one name: which one comes back is nobody's promise
        return
    for item in form.fields:
        back = values[item.name]
        if item.kind == "text":
            assert back == clean_text(item.value)
        elif item.kind in ("line", "role"):
            assert back == clean_line(item.value)
        elif item.kind == "channel":
            assert back in ("", item.value)
        elif item.choices:
            known = {c.value for c in item.choices}
            chosen = back if isinstance(back, tuple) else (back,) if back else ()
            assert set(chosen) <= known or back == clean_line(item.value)
