"""Two judges of one body: ours (Discord's own schema, and rules that we wrote) and simcord's (nobody here wrote it).

simcord 3.2.1 knows components V2 in messages, modals with Label, uploads, edits and ``allowed_mentions``. What it
does not know, and only ours judges: it counts characters and not UTF-16 units, and knows nothing of commands but
which keys they have (no name, no length, no total is looked at), of options' defaults, of ``max_values`` over the
options there are, of ``default_values``, of a text input's ``value``, of empty labels, and of keys that it never
reads. It calls a modal's title and texts too short where they are empty; so does the schema. ``SPOILT`` is the list.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from typing import Any

import discord_double_judge as ours
import pytest
from conftest import NewDatabase
from crawl import views_of
from discord_simcord import Simcord, against, against_modal, judged
from hypothesis import HealthCheck, given, settings
from moved_clock import MovedClock
from strategies import form_errors, forms, views

from adapters.discord.commands import Tree
from adapters.discord.modals import modal
from adapters.discord.views import Payload, payload
from core.catalogue import registry
from core.store.engine import Store, database_url
from core.text import as_text
from core.views import (
    Button,
    Buttons,
    Checklist,
    Choice,
    Field,
    File,
    Form,
    FormErrors,
    Image,
    Message,
    Page,
    Select,
    Table,
    Text,
    Ticks,
    View,
    blocks_of,
)

Json = dict[str, Any]
FULL = os.environ.get("STARLING_TEST_SIZE") == "full"
MANY = settings(
    max_examples=3000 if FULL else 40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def theirs() -> Simcord:
    return Simcord()


# --- what is sent ----------------------------------------


async def test_both_take_everything_that_the_features_show(
    new_database: NewDatabase, clock: MovedClock, theirs: Simcord
) -> None:
    async with Store(database_url(await new_database("sqlite"))) as store:
        found = await views_of(store, clock)
    for view in found:
        judged(view, theirs)
    # The walk saw what there is to see, else this shows nothing.
    kinds = {type(b) for v in found for b in blocks_of(v)} | {type(v) for v in found}
    assert kinds >= {Page, Form, FormErrors, Checklist, Ticks, Table, Image, File, Buttons}
    assert any(isinstance(v, Message) and v.thread for v in found)
    said = "\n".join(map(as_text, found))
    for words in (
        "is set up",
        "members answered",
        "shared answer",
        "attempt 2",
        "starling-export",
    ):
        assert words in said, words


@given(views)
@MANY
def test_both_take_every_view_there_can_be(view: View) -> None:
    judged(view, Simcord())


@given(forms | form_errors)
@MANY
def test_both_take_every_form_there_can_be(form: Form | FormErrors) -> None:
    opened = modal(form)
    assert against_modal(opened) == []
    assert Simcord().modal(opened) == ""


def test_both_take_the_command_tree(theirs: Simcord) -> None:
    tree = Tree(registry()).payload
    assert theirs.commands(tree) == ""
    assert ours.commands(tree) == []


# --- what would be refused, and by whom ----------------------------------------

GOOD = Message(
    (
        Text(("Words.",)),
        Buttons((Button("One", "today"), Button("Two", "help"))),
        Select("practice", "Pick", (Choice("A", "a", "hint"), Choice("B", "b"))),
        Image(b"x", "a.png", "alt"),
    ),
    private=False,
)
ASKING = Form(
    "help",
    "Title",
    (
        Field("name", "Name", value="x", least=1),
        Field("one", "One of", "choice", choices=(Choice("A", "a"), Choice("B", "b"))),
        Field("some", "Some of", "many", choices=(Choice("A", "a"), Choice("B", "b")), most=2),
        Field("file", "File", "file"),
        Field("channel", "Where", "channel", value="7"),
    ),
)
Spoil = Callable[[Json], object]
# what is wrong, how it becomes so, whether ours sees it, whether simcord does
SPOILT: dict[str, tuple[Spoil, bool, bool]] = {
    "content beside components": (lambda b: b.update(content="x"), True, True),
    "embeds beside components": (lambda b: b.update(embeds=[{"title": "x"}]), True, True),
    "no flag for components": (lambda b: b.update(flags=0), True, True),
    "41 components": (lambda b: b.update(components=[text("x") for _ in range(41)]), True, True),
    "4,001 characters": (lambda b: b.update(components=[text("x" * 2000), text("x" * 2001)]), True, True),
    "no text": (lambda b: b["components"][0].update(content=""), True, True),
    "a button without a row": (lambda b: b["components"].append(button(b)), True, True),
    "six buttons in a row": (lambda b: row(b, 1).extend({**button(b), "custom_id": c} for c in "abcd"), True, True),
    "a menu beside a button": (lambda b: row(b, 2).append(dict(button(b), custom_id="x")), True, True),
    "one id twice": (lambda b: row(b, 1).append(button(b)), True, True),
    "a long label": (lambda b: button(b).update(label="x" * 81), True, True),
    "no label": (lambda b: button(b).pop("label"), True, False),
    "a long id": (lambda b: button(b).update(custom_id="x" * 101), True, True),
    "no id": (lambda b: button(b).pop("custom_id"), True, True),
    "an id and an address": (lambda b: button(b).update(url="https://example.org"), True, True),
    "26 options": (lambda b: menu(b).update(options=[option(n) for n in range(26)]), True, True),
    "one value twice": (lambda b: menu(b).update(options=[option(1), option(1)]), True, True),
    "a long option": (lambda b: menu(b)["options"][0].update(label="x" * 101), True, True),
    "a long hint": (lambda b: menu(b)["options"][0].update(description="x" * 101), True, True),
    "a long placeholder": (lambda b: menu(b).update(placeholder="x" * 151), True, True),
    "more to pick than there is": (lambda b: menu(b).update(max_values=3), True, False),
    "more picked than may be": (lambda b: [o.update(default=True) for o in menu(b)["options"]], True, False),
    "11 pictures": (lambda b: b["components"][-1].update(items=b["components"][-1]["items"] * 11), True, True),
    "a long description": (lambda b: b["components"][-1]["items"][0].update(description="x" * 1025), True, True),
    "a picture that is not there": (lambda b: picture(b).update(url="attachment://b.png"), True, True),
    "mentions of two minds": (lambda b: b.update(allowed_mentions={"parse": ["users"], "users": ["1"]}), True, True),
    "one mentioned twice": (lambda b: b.update(allowed_mentions={"parse": [], "users": ["1", "1"]}), True, True),
    "a mention of no id": (lambda b: b.update(allowed_mentions={"parse": [], "users": ["x"]}), True, True),
    "101 mentioned": (lambda b: b["allowed_mentions"].update(users=[str(n) for n in range(1, 102)]), True, False),
}  # fmt: skip
SPOILT_MODALS: dict[str, tuple[Spoil, bool, bool]] = {
    "a long title": (lambda m: m.update(title="x" * 46), True, True),
    "no title": (lambda m: m.update(title=""), True, True),
    "six questions": (lambda m: m["components"].append({"type": 10, "content": "x"}), True, True),
    "no question": (lambda m: m.update(components=[]), True, True),
    "a long label": (lambda m: m["components"][0].update(label="x" * 46), True, True),
    "no label": (lambda m: m["components"][0].update(label=""), True, True),
    "a long description": (lambda m: m["components"][0].update(description="x" * 101), True, True),
    "a long value": (lambda m: box(m, 0).update(value="x" * 4001), True, False),
    "a value over its own limit": (lambda m: box(m, 0).update(value="xx", max_length=1), True, False),
    "a long limit": (lambda m: box(m, 0).update(max_length=4001), True, True),
    "least over most": (lambda m: box(m, 0).update(min_length=5, max_length=4), True, True),
    "more picked than may be": (
        lambda m: [o.update(default=True) for o in box(m, 1)["options"]],
        True,
        False,
    ),
    "11 boxes": (lambda m: box(m, 2).update(options=[option(n) for n in range(11)]), True, True),
    "more ticks than boxes": (lambda m: box(m, 2).update(max_values=3), True, False),
    "11 files": (lambda m: box(m, 3).update(max_values=11), True, True),
    "a role for a channel": (lambda m: box(m, 4)["default_values"][0].update(type="role"), True, False),
    "one id twice": (lambda m: box(m, 0).update(custom_id=box(m, 1)["custom_id"]), True, True),
    "an input without a label": (lambda m: m["components"].__setitem__(0, box(m, 0)), True, True),
}


def text(words: str) -> Json:
    return {"type": 10, "content": words}


def option(number: int) -> Json:
    return {"label": "x", "value": str(number)}


def row(body: Json, number: int) -> list[Json]:
    found: list[Json] = body["components"][number]["components"]
    return found


def button(body: Json) -> Json:
    return row(body, 1)[0]


def menu(body: Json) -> Json:
    return row(body, 2)[0]


def picture(body: Json) -> Json:
    media: Json = body["components"][-1]["items"][0]["media"]
    return media


def box(data: Json, number: int) -> Json:
    found: Json = data["components"][number]["component"]
    return found


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_wrong_with_a_message_is_seen(what: str, theirs: Simcord) -> None:
    spoil, by_ours, by_theirs = SPOILT[what]
    drawn = payload(GOOD)
    assert (against(drawn), theirs.message(drawn)) == ([], "")
    body = copy.deepcopy(drawn.json)
    spoil(body)
    bad = Payload(body, drawn.files)
    assert (bool(against(bad)), bool(theirs.message(bad))) == (by_ours, by_theirs), (
        against(bad),
        theirs.message(bad),
    )


@pytest.mark.parametrize("what", SPOILT_MODALS)
def test_what_is_wrong_with_a_modal_is_seen(what: str, theirs: Simcord) -> None:
    spoil, by_ours, by_theirs = SPOILT_MODALS[what]
    data = modal(ASKING)
    assert (against_modal(data), theirs.modal(data)) == ([], "")
    spoil(data)
    found = against_modal(data), theirs.modal(data)
    assert (bool(found[0]), bool(found[1])) == (by_ours, by_theirs), found
