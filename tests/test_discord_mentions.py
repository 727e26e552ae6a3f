"""Nothing that members write pings anybody or becomes a mark, wherever it stands, and on every road that sends.

Two read what is sent: our own reading of marks in test_discord_escape, and simcord's, which makes words and links and
mentions out of markdown and knows the people it could mention. simcord's is CommonMark: some of its marks are none
on Discord (a heading by a line of "=" beneath, code by four blanks in front, "&amp;"), and are not asked of it.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord_double_judge as ours
import pytest
from discord_simcord import Simcord, read
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import typed, views

import adapters.discord
from adapters.discord.client import Client
from adapters.discord.escape import NOTHING, unescape
from adapters.discord.modals import modal
from adapters.discord.views import Payload, payload
from adapters.drawing import plain
from core.plain import clean_line, clean_text
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Choice,
    Code,
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
    say,
)

NOBODY = {"parse": [], "users": [], "roles": []}
ANA = Mention("discord", "user", "1", "ana")
OWLS = Mention("discord", "role", "9", "owls")
SHOUT = (
    "<@1> <@!123> <@&9> <#5> @everyone @here </help:1> <t:0:R> **b** _i_ `c` ||s|| [a](https://example.org)"
)
FULL = os.environ.get("STARLING_TEST_SIZE") == "full"
SEVERAL = settings(max_examples=500 if FULL else 15, deadline=None)
PLAIN = {"text", "inline", "break", "paragraph"}  # kinds of what simcord sees where there are no marks
LINE = re.compile(r"^[ \t]+|^\s*=+\s*$", re.MULTILINE)
text_of_members = typed.map(lambda text: LINE.sub("", clean_text(text)).replace("&", "+"))

# Where the words of members can stand in a view, besides the words of a form.
BLOCKS: dict[str, Callable[[str], Block]] = {
    "text": lambda t: Text((t,)),
    "title": lambda t: Text((t,), style="title"),
    "heading": lambda t: Text((t,), style="heading"),
    "note": lambda t: Text((t,), style="note"),
    "quote": lambda t: Text((t,), style="quote"),
    "bold": lambda t: Text((Bold(t),)),
    "pieces": lambda t: Text((t, Bold(t), t)),
    "typed": lambda t: Text((Typed(t),)),
    "link": lambda t: Text((Link(t, "https://example.org/a"),)),
    "address": lambda t: Text((Link("here", t),)),
    "name of a role of another platform": lambda t: Text((Mention("slack", "role", "9", t),)),
    "code": lambda t: Code(t, t),
    "name of a field": lambda t: Fields(((t, ("x",)),)),
    "value of a field": lambda t: Fields((("x", (t,)),)),
    "table": lambda t: Table((t, "x"), ((t, "x"), ("x", t)), marked=0),
    "wide table": lambda t: Table(tuple("abcdefg"), (tuple([t] * 7), tuple(["v" * 12] * 7))),
    "check": lambda t: Checklist((CheckItem(t, State.MET, t, t),)),
    "box": lambda t: Ticks("tick:answer=1;item=", (Tick("a", t), Tick("b", t, True))),
    "boxes": lambda t: Ticks("tick:answer=1;item=", tuple(Tick(str(n), t) for n in range(9))),
    "picture": lambda t: Image(b"x", t, t),
    "file": lambda t: File(b"x", t, t),
    "file that is too large": lambda t: File(b"", t, t),
    "button": lambda t: Buttons((Button(t, "today"), Button("x", f"help:command={t}"))),
    "menu": lambda t: Select("practice:track=", t, (Choice(t, "a", t), Choice("x", t))),
    "menu without an id": lambda t: Select("", t, (Choice(t, "a", t),)),
}


def asking(t: str) -> list[View]:
    form = Form(
        "help",
        t,
        (Field("a", t, value=t, hint=t), Field("b", t, "choice", choices=(Choice(t, t, t),))),
        t,
        (t,),
    )
    return [form, FormErrors(form, {"a": t, "gone": t})]


def everywhere(t: str) -> list[View]:
    every = tuple(make(t) for make in BLOCKS.values())
    pages = [Page(Message((block,)), 1, 2, None, "today") for block in every]
    return [Message(every, private=False, track=t, thread=t), *pages, *asking(t)]


def content(drawn: Payload) -> str:
    """All markdown of a message."""
    return "\n".join(c["content"] for _, c in ours.walk(drawn.json["components"]) if c["type"] == 10)


# --- nobody is pinged ----------------------------------------


@pytest.mark.parametrize(
    "way", [payload, lambda v, **how: payload(plain(v), files=False, **how)], ids=["card", "words"]
)
def test_only_those_whom_core_mentions_are_ever_named_to_discord(way: Callable[..., Payload]) -> None:
    for view in everywhere(SHOUT):
        for private in (True, False):
            assert way(view, ephemeral=private, key="d1").json["allowed_mentions"] == NOBODY
        words = json.dumps(modal(view)) if isinstance(view, Form | FormErrors) else ""
        assert "allowed_mentions" not in words  # a form cannot mention; Discord knows no such key there


@given(views)
@SEVERAL
def test_no_view_names_anybody_of_itself(view: View) -> None:
    for drawn in (payload(view), payload(plain(view), files=False)):
        assert drawn.json["allowed_mentions"] == NOBODY


@given(text_of_members)
@SEVERAL
def test_what_core_mentions_is_named_whatever_members_wrote_around_it(t: str) -> None:
    t = t[:60]  # all of it has to fit: a mention that is cut off names nobody
    mentions: tuple[Block, ...] = (Text((OWLS, t)), Fields(((t, (t, ANA)),)))
    for where in ("title", "bold", "check", "button", "menu", "picture"):
        drawn = payload(Message((BLOCKS[where](t), *mentions), private=False, track="coding"))
        assert drawn.json["allowed_mentions"] == {"parse": [], "users": ["1"], "roles": ["9"]}


@pytest.mark.parametrize("where", BLOCKS)
def test_simcord_pings_nobody(where: str) -> None:
    world = Simcord()
    everyone = f"<@{world.user.id}> <@!{world.user.id}> <@&{world.guild}> @everyone @here"
    drawn = payload(Message((BLOCKS[where](everyone),), private=False))
    assert world.message(drawn) == ""
    (kept,) = world.backend.messages[world.channel].values()
    assert (kept.ping_user_ids, kept.ping_role_ids, kept.mention_everyone) == ([], [], False)
    # Nor is anybody mentioned silently: the words are no mention at all, but for what stands in code.
    if where not in ("typed", "code", "table"):
        assert (kept.mention_user_ids, kept.mention_role_ids) == ([], [])


def test_simcord_pings_whom_core_mentions() -> None:
    world = Simcord()
    drawn = payload(Message((Text((Mention("discord", "user", str(world.user.id), "ana"),)),), private=False))
    assert world.message(drawn) == ""
    (kept,) = world.backend.messages[world.channel].values()
    assert list(kept.ping_user_ids) == [world.user.id]


# --- what is read is what was written ----------------------------------------


@given(text_of_members)
@example(SHOUT)
@example("# a\n> b\n- c\n1. d\n-# e\n>>> f\n```g\n~~~")
@SEVERAL
def test_another_reader_sees_the_words_and_no_marks(t: str) -> None:
    for drawn in (payload(say(t)), payload(plain(say(t)), files=False)):
        if clean_text(t).strip():
            kinds, words = read(content(drawn))
            assert kinds <= PLAIN, (t, content(drawn))
            assert bare(words) == bare(t)


def bare(words: str) -> str:
    """Without blanks, which are shown as few as they are read."""
    return re.sub(rf"[\s{NOTHING}]+", "", words)


@pytest.mark.parametrize("where", BLOCKS)
@given(text_of_members)
@example(SHOUT)
@example("]( <https://example.org>) **")
@SEVERAL
def test_a_member_adds_no_mark_to_those_of_the_place(where: str, t: str) -> None:
    """What stands there is marked as it is with harmless words; it may be shorter, or be no link any more."""
    harmless, _ = read(content(payload(Message((BLOCKS[where]("word"),)))))
    harmless |= read(content(payload(Message((BLOCKS[where]("word\nword"),)))))[0]
    kinds, _ = read(content(payload(Message((BLOCKS[where](t),)))))
    assert kinds <= harmless | PLAIN, (t, kinds - harmless)


@given(text_of_members)
@example(SHOUT)
@SEVERAL
def test_a_form_that_came_back_shows_the_words_in_it_without_marks(t: str) -> None:
    allowed = set().union(*(read(content(payload(view)))[0] for view in asking("word")))
    for view in asking(t):
        drawn = payload(view)
        assert read(content(drawn))[0] <= allowed | PLAIN
        # a modal shows markdown in the words above its fields alone
        for shown in modal(view)["components"]:
            assert shown["type"] != 10 or read(shown["content"])[0] <= PLAIN


@given(text_of_members, st.sampled_from(["text", "value of a field", "quote"]))
@SEVERAL
def test_marks_come_off_again(t: str, where: str) -> None:
    shown = unescape(content(payload(Message((BLOCKS[where](t),)))))
    assert bare(clean_line(t)) in bare(re.sub(r"^> ?", "", shown, flags=re.MULTILINE))


# --- every road ----------------------------------------

SENDERS = {
    "send_message",
    "edit_message",
    "create_interaction_response",
    "edit_original_interaction_response",
}
ELSE = {
    "send", "reply", "edit", "respond", "followup", "defer", "send_modal", "send_files", "execute_webhook",
    "edit_webhook_message", "edit_original_response", "create_message", "crosspost_message", "start_thread_in_forum",
}  # fmt: skip


def test_every_place_that_sends_is_known() -> None:
    """A new one has to be looked at: does its body carry ``allowed_mentions``? Then add it here."""
    found: set[tuple[str, str]] = set()
    raw: set[tuple[str, str]] = set()
    for path in Path(adapters.discord.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                if name in SENDERS | ELSE:
                    found.add((path.stem, name))
                if name == "request":
                    raw.add((path.stem, name))
    assert found == {
        ("sender", "send_message"),
        ("sender", "edit_message"),
        ("responder", "create_interaction_response"),
        ("responder", "execute_webhook"),
        ("responder", "edit_original_interaction_response"),
    }
    assert raw == {("hearing", "request")}


def test_the_client_pings_nobody_where_a_body_does_not_say() -> None:
    default: Any = Client(shard_ids=(), shard_count=1, proxy="").allowed_mentions
    assert default.to_dict() == {"parse": []}
