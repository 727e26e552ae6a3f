"""A box that is filled while somebody types: what is offered, what may be typed all the same, what comes back."""

from __future__ import annotations

from typing import Any

import pytest
import slack_double_judge as judge
import slack_double_limits as double
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_rules import problems_of_blocks, units
from strategies import short, typed

from adapters.slack.modals import ELEMENT, action_of, modal, values_of
from adapters.slack.suggesting import asked_of, options_for
from core.catalogue import registry
from core.commands import Kind
from core.forms import field_of
from core.plain import clean_line
from core.views import Choice, Field, Form

Json = dict[str, Any]
BERLIN = Choice("Europe/Berlin (now Monday 14:05)", "Europe/Berlin")


def opened(field: Field, action: str = "me change") -> Json:
    data = modal(Form(action, "T", (field,)))
    assert double.view(data) == []
    assert problems_of_blocks(data["blocks"], view=True) == []
    return data


def element(field: Field) -> Json:
    found: Json = opened(field)["blocks"][0]["element"]
    return found


def picked(data: Json, option: Json | None) -> object:
    block = data["blocks"][0]
    state = {"values": {block["block_id"]: {ELEMENT: {"type": "external_select", "selected_option": option}}}}
    return values_of(state)[block["block_id"]]


def offered(choices: list[Choice], words: str) -> list[Json]:
    made = options_for(choices, words)
    assert double.options(made) == []
    found: list[Json] = made["options"]
    return found


# --- the box ----------------------------------------


def test_an_option_that_suggests_is_a_box_that_asks_while_it_is_typed() -> None:
    known = registry()
    zone = known["me change"].option("zone")
    text = known["answer"].option("text")
    assert zone is not None and text is not None
    assert field_of(zone).suggests and not field_of(text).suggests
    made = element(field_of(zone, "Europe/Berlin"))
    assert (made["type"], made["min_query_length"]) == ("external_select", 0)
    assert made["initial_option"]["value"] == made["initial_option"]["text"]["text"] == "Europe/Berlin"
    assert "initial_option" not in element(field_of(zone))


def test_several_of_a_list_are_boxes_to_tick_as_before() -> None:
    many = [o for c in registry() for o in c.options if o.kind is Kind.MANY]
    assert many and not any(field_of(o).suggests for o in many)


@pytest.mark.parametrize(
    ("length", "kind"), [(75, "external_select"), (76, "plain_text_input"), (3000, "plain_text_input")]
)
def test_a_value_that_no_option_holds_is_typed_into_a_line(length: int, kind: str) -> None:
    made = element(Field("name", "Name", value="x" * length, suggests=True))
    assert made["type"] == kind
    assert (made.get("initial_value") or made["initial_option"]["value"]) == "x" * length


@given(st.builds(Field, name=st.just("zone"), label=short, value=typed, required=st.booleans()))
@settings(max_examples=80, deadline=None)
def test_every_value_stands_in_its_box_and_comes_back(field: Field) -> None:
    data = opened(Field("zone", field.label, required=field.required, value=field.value, suggests=True))
    made = data["blocks"][0]["element"]
    if made["type"] == "external_select":
        assert picked(data, made.get("initial_option")) == clean_line(field.value)
    else:
        assert made["initial_value"] == clean_line(field.value)


# --- what is offered ----------------------------------------


def test_what_was_typed_and_is_no_suggestion_is_offered_last() -> None:
    assert [o["value"] for o in offered([BERLIN], "Ber")] == ["Europe/Berlin", "Ber"]
    assert [o["value"] for o in offered([BERLIN], " Europe/Berlin ")] == ["Europe/Berlin"]
    assert [o["value"] for o in offered([BERLIN], BERLIN.label)] == ["Europe/Berlin"]
    assert [o["value"] for o in offered([BERLIN], "")] == ["Europe/Berlin"]
    assert offered([], "") == []


def test_what_an_option_cannot_hold_is_left_out_and_never_cut() -> None:
    assert [o["value"] for o in offered([Choice("Long", "v" * 76), BERLIN], "x" * 76)] == ["Europe/Berlin"]
    assert [o["value"] for o in offered([], "x" * 75)] == ["x" * 75]
    assert offered([], "🦆" * 38) == []


def test_the_words_have_their_place_among_a_hundred() -> None:
    many = [Choice(f"Label {n}", f"v{n}") for n in range(130)]
    found = offered(many, "mine")
    assert len(found) == 100 and found[-1]["value"] == "mine" and found[98]["value"] == "v98"
    assert [o["value"] for o in offered(many, "")] == [f"v{n}" for n in range(100)]


@given(st.lists(st.builds(Choice, short, typed, short), max_size=8), typed)
@settings(max_examples=120, deadline=None)
def test_whatever_is_suggested_and_typed_is_taken_and_comes_back_whole(
    choices: list[Choice], words: str
) -> None:
    found = offered(choices, words)
    data = opened(Field("zone", "Zone", suggests=True))
    back = [picked(data, option) for option in found]
    said = clean_line(words)
    assert set(back) <= {c.value for c in choices} | {said}
    if said and units(said) <= 70:
        labels = {c.label for c in choices if c.value in back}
        assert said in back or said in labels


# --- what was asked ----------------------------------------


def test_a_suggestion_names_its_form_its_field_and_what_is_typed() -> None:
    data = opened(Field("zone", "Zone", suggests=True), "remind set:time=21:00")
    block = data["blocks"][0]
    payload = {
        "type": "block_suggestion",
        "block_id": block["block_id"],
        "action_id": ELEMENT,
        "value": "Ber & lin",
        "view": data,
    }
    assert asked_of(payload) == ("remind set:time=21:00", "zone", "Ber & lin")
    assert action_of(data) == "remind set:time=21:00"
    assert asked_of({}) == ("help", "", "")
    assert judge.shape("PlainTextOption", options_for([BERLIN], "")["options"][0], "") == []
