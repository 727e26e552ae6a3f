"""A form is a modal that Discord takes; what comes back is what was filled in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import discord_double_judge as judge
import pytest
from discord_double_forms import NotOffered, modal_data
from discord_double_seen import Interaction
from discord_double_world import ORDINARY, Channel, Guild, User, World, role_json
from discord_rules import problems_of_modal
from hypothesis import given, settings
from strategies import form_errors, forms

from adapters.discord.ids import original
from adapters.discord.modals import Uploaded, modal, values_of
from core.plain import clean_line, clean_text
from core.views import Choice, Field, Form, FormErrors, When


def opened(form: Form | FormErrors) -> dict[str, Any]:
    """The modal, which Discord takes."""
    data = modal(form)
    assert problems_of_modal(data) == []
    return data


def asked(*fields: Field) -> list[dict[str, Any]]:
    return [c for c in opened(Form("answer", "T", fields))["components"] if c["type"] == 18]


def submitted(data: dict[str, Any]) -> dict[str, Any]:
    """What Discord sends when the modal is sent as it was opened."""
    back: list[dict[str, Any]] = []
    for label in data["components"]:
        if label["type"] != 18:
            back.append({"type": 10, "id": 1})
            continue
        c = label["component"]
        item: dict[str, Any] = {"type": c["type"], "id": 2, "custom_id": c["custom_id"]}
        if c["type"] == 4:
            item["value"] = c.get("value", "")
        else:
            item["values"] = [o["value"] for o in c.get("options", ()) if o.get("default")]
            item["values"] += [d["id"] for d in c.get("default_values", ())]
        back.append({"type": 18, "id": 3, "component": item})
    return {"custom_id": data["custom_id"], "components": back}


CHOICES = tuple(Choice(f"Label {n}", f"v{n}", "hint") for n in range(30))


def test_lines_and_texts_are_inputs_with_their_values() -> None:
    line, text = asked(
        Field("title", "Title", "line", value="One", most=80, hint="A short one"),
        Field("text", "Answer", "text", required=False, value="a\nb"),
    )
    assert line == {
        "type": 18,
        "label": "Title",
        "description": "A short one",
        "component": {
            "type": 4,
            "style": 1,
            "required": True,
            "max_length": 80,
            "value": "One",
            "custom_id": "title",
        },
    }
    assert text["component"]["style"] == 2
    assert text["component"]["value"] == "a\nb"
    assert text["component"]["required"] is False


@pytest.mark.parametrize(("length", "left"), [(4000, ""), (4001, "… 1 more")])
def test_a_value_is_filled_in_up_to_four_thousand_characters(length: int, left: str) -> None:
    (label,) = asked(Field("text", "Answer", "text", value="x" * length))
    assert label["component"]["value"] == "x" * 4000
    assert label.get("description", "") == left


def test_a_value_that_was_too_long_can_be_shortened_in_place() -> None:
    (label,) = asked(Field("title", "Title", most=5, value="much too long"))
    assert label["component"]["value"] == "much too long"
    assert label["component"]["max_length"] == 13


def test_no_emoji_is_cut_in_two_by_the_end_of_the_box() -> None:
    family = "👩‍👩‍👧‍👦"
    (label,) = asked(Field("text", "Answer", "text", value="x" * 3995 + family))
    assert label["component"]["value"] == "x" * 3995


def test_one_of_many_is_a_menu_and_several_of_few_are_boxes() -> None:
    one, few, many = asked(
        Field("level", "Level", "choice", choices=CHOICES[:2], value="v1"),
        Field("tracks", "Tracks", "many", choices=CHOICES[:10], value="v0, Label 3", least=1, most=10),
        Field("packs", "Packs", "many", required=False, choices=CHOICES[:11], value="", most=11),
    )
    assert (one["component"]["type"], one["component"]["min_values"], one["component"]["max_values"]) == (
        3,
        1,
        1,
    )
    assert one["component"]["options"][1]["default"] is True
    assert (few["component"]["type"], few["component"]["min_values"], few["component"]["max_values"]) == (
        22,
        1,
        10,
    )
    assert [o["value"] for o in few["component"]["options"] if o.get("default")] == ["v0", "v3"]
    assert (many["component"]["type"], many["component"]["min_values"], many["component"]["max_values"]) == (
        3,
        0,
        11,
    )


@pytest.mark.parametrize(("number", "hint"), [(25, "Pick"), (26, "Pick … 1 more")])
def test_choices_beyond_the_limit_are_counted(number: int, hint: str) -> None:
    (label,) = asked(Field("level", "Level", "choice", choices=CHOICES[:number], hint="Pick"))
    assert len(label["component"]["options"]) == 25
    assert label["description"] == hint


def test_a_choice_of_nothing_is_typed() -> None:
    (label,) = asked(Field("level", "Level", "choice"))
    assert label["component"]["type"] == 4


@pytest.mark.parametrize(("length", "shown"), [(45, "x" * 45), (46, "x" * 44 + "…")])
def test_titles_and_labels_are_cut_visibly(length: int, shown: str) -> None:
    data = opened(Form("answer", "x" * length, (Field("a", "x" * length),)))
    assert data["title"] == data["components"][0]["label"] == shown


def test_a_hint_is_cut_at_a_hundred() -> None:
    (label,) = asked(Field("a", "A", hint="x" * 101))
    assert label["description"] == "x" * 99 + "…"


def test_fields_beyond_the_fifth_are_counted() -> None:
    labels = asked(*(Field(f"f{n}", f"F {n}", hint="h") for n in range(7)))
    assert len(labels) == 5
    assert labels[-1]["description"] == "h … 2 more"


AT = When(datetime(2026, 3, 1, 20, 30, tzinfo=UTC), "Europe/Berlin", "time")


def test_an_introduction_stands_above_and_names_the_zone_of_a_time() -> None:
    data = opened(Form("answer", "T", (Field("a", "A"),), intro=("By ", AT, " *please*")))
    assert data["components"][0] == {"type": 10, "content": r"By 21:30 \(Europe/Berlin\) \*please\*"}


def test_an_introduction_without_room_stands_at_the_first_field() -> None:
    fields = tuple(Field(f"f{n}", "F", hint="h") for n in range(5))
    data = opened(Form("answer", "T", fields, intro=("By ", AT)))
    assert len(data["components"]) == 5
    assert data["components"][0]["description"] == "By 21:30 (Europe/Berlin) h"


def test_a_form_that_was_wrong_says_so_at_the_field() -> None:
    data = opened(FormErrors(Form("answer", "T", (Field("a", "A", hint="h"),)), {"a": "Too short."}))
    assert data["components"][0]["description"] == "! Too short."


def test_a_form_without_fields_still_opens() -> None:
    assert opened(Form("answer", "", ()))["title"] == "…"


def test_what_was_filled_in_comes_back_by_name() -> None:
    form = Form(
        "answer:prompt=d1",
        "T",
        (
            Field("text", "A", "text", value="a\nb"),
            Field("level", "L", "choice", choices=CHOICES, value="v1"),
            Field("one", "T", "many", choices=CHOICES[:5], value="v1", most=5),
            Field("some", "T", "many", choices=CHOICES[:20], value="v1, v2", most=5),
            Field("none", "T", "many", required=False, choices=CHOICES[:5]),
        ),
    )
    back = submitted(opened(form))
    assert original(back["custom_id"]) == "answer:prompt=d1"
    assert values_of(back) == {
        "text": "a\nb",
        "level": "v1",
        "one": ("v1",),
        "some": ("v1", "v2"),
        "none": "",
    }


def test_a_file_comes_back_as_where_it_is() -> None:
    data = opened(Form("packs import", "T", (Field("file", "Pack", "file"),)))
    assert data["components"][0]["component"]["type"] == 19
    back = submitted(data)
    assert values_of(back) == {"file": ""}
    back["components"][0]["component"]["values"] = ["9"]
    back["resolved"] = {
        "attachments": {"9": {"id": "9", "filename": "p.toml", "url": "https://cdn/x", "size": 3}}
    }
    assert values_of(back) == {"file": Uploaded("p.toml", "https://cdn/x", 3)}


def test_channels_and_roles_are_picked_and_come_back_as_ids() -> None:
    here, other, role = asked(
        Field("channel", "Channel", "channel", value="112233445566778899"),
        Field("other", "Other", "channel", required=False, value="#practice"),
        Field("role", "Role", "role", required=False, value="998877665544332211", hint="Who is told"),
    )
    assert here["component"] == {
        "type": 8,
        "min_values": 1,
        "max_values": 1,
        "required": True,
        "channel_types": [0, 5],
        "default_values": [{"id": "112233445566778899", "type": "channel"}],
        "custom_id": "channel",
    }
    assert other["component"]["min_values"] == 0
    assert "default_values" not in other["component"], "a name is no id"
    assert role["component"] == {
        "type": 6,
        "min_values": 0,
        "max_values": 1,
        "required": False,
        "default_values": [{"id": "998877665544332211", "type": "role"}],
        "custom_id": "role",
    }
    assert role["description"] == "Who is told"
    back = submitted({"custom_id": "setup", "components": [here, other, role]})
    assert values_of(back) == {"channel": "112233445566778899", "other": "", "role": "998877665544332211"}


def test_the_double_offers_channels_and_roles_as_discord_does() -> None:
    world = World()
    ada = User(1, "Ada")
    guild = Guild(world.snowflake(), "Owls", ada, ORDINARY, roles=[role_json(77, "owls", 0)])
    here, there, forum = (Channel(world.snowflake(), kind, name, guild) for kind, name in enumerate("abc"))
    there.kind, forum.kind = 0, 15
    world.channels |= {c.id: c for c in (here, there, forum)}
    asked_for = (
        Field("channel", "Channel", "channel", value=str(here.id)),
        Field("role", "Role", "role", required=False),
    )
    data = opened(Form("setup", "T", asked_for))
    assert judge.modal(data) == []
    assert judge.shape(judge.CALLBACKS[9], {"type": 9, "data": data}) == []
    shown = Interaction(1, "t", 2, ada, here, callback=9, payload=data)

    def sent(**values: Any) -> dict[str, object]:
        return values_of(modal_data(world, ada, shown, values))

    assert sent() == {"channel": str(here.id), "role": ""}
    assert sent(channel=[there], role=["77"]) == {"channel": str(there.id), "role": "77"}
    wrongs: list[dict[str, Any]] = [
        {"channel": [forum]},
        {"channel": []},
        {"role": ["78"]},
        {"channel": [here, there]},
    ]
    for wrong in wrongs:
        with pytest.raises(NotOffered):
            sent(**wrong)
    twice = data["components"][0]["component"]
    twice["default_values"] = [{"id": "1", "type": "channel"}, {"id": "2", "type": "role"}]
    assert len(judge.modal(data)) == 2
    assert len(problems_of_modal(data)) >= 2


def test_other_shapes_of_what_comes_back_are_read() -> None:
    row = {"type": 1, "components": [{"type": 4, "custom_id": "a", "value": "x"}]}
    radio = {"type": 18, "component": {"type": 21, "custom_id": "b", "value": "v§2"}}
    empty = {"type": 18, "component": {"type": 21, "custom_id": "c", "value": None}}
    assert values_of({"components": [row, radio, empty]}) == {"a": "x", "b": "v", "c": ""}
    assert values_of({}) == {}


@given(forms | form_errors)
@settings(max_examples=60, deadline=None)
def test_every_form_is_taken_and_comes_back_as_it_went(view: Form | FormErrors) -> None:
    data = opened(view)
    form = view.form if isinstance(view, FormErrors) else view
    assert original(data["custom_id"]) == form.action
    values = values_of(submitted(data))
    assert set(values) == {f.name for f in form.fields}
    if len(values) < len(form.fields):  # two fields with one name: which one comes back is nobody's promise
        return
    for item in form.fields:
        back = values[item.name]
        if item.kind == "text":
            assert back == clean_text(item.value)
        elif item.kind == "line":
            assert back == clean_line(item.value)
        elif item.kind in ("channel", "role"):
            assert back in ("", item.value)
        elif item.choices:
            known = {c.value for c in item.choices}
            chosen = back if isinstance(back, tuple) else (back,) if back else ()
            assert set(chosen) <= known or back == clean_line(item.value)
