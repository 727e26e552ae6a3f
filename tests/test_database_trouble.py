"""A database below us that fails: members read a kind sentence, whoever runs Starling reads what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from moved_clock import MovedClock
from talk import DIRECT, HOME, PLATFORM, Talk

from core.call import Call, Request, Where, Who
from core.commands import Allow, Command, Kind, Option, Registry
from core.dispatch import Dispatcher
from core.store.engine import Store, Tx
from core.text import as_text
from core.views import FormErrors, View


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await Talk.begin(store, clock)


async def _fails(call: Call) -> View:
    async with _failing(call.app.store):
        raise AssertionError("not reached")


@asynccontextmanager
async def _failing(store: Store) -> AsyncIterator[Tx]:
    async with store.write():
        raise sqlite3.OperationalError("attempt to write a readonly database")
        yield


def dispatcher(talk: Talk) -> Dispatcher:
    option = Option("text", "Words", Kind.LONG, required=True, asked=True)
    fail = Command("fail", "Fails.", _fails, (option,), allow=Allow.ANYONE)
    talk.reconfigure(registry=Registry([fail]))
    return talk.dispatcher


@pytest.mark.parametrize("where", [HOME, DIRECT])
async def test_no_member_reads_where_the_database_is(talk: Talk, where: Where) -> None:
    request = Request("fail", Who(PLATFORM, "ana", "Ana"), where, {"text": "my words"})
    said = as_text(await dispatcher(talk).run(request))
    place = talk.store.url.database or ""
    assert place and place not in said and "read-only" not in said
    assert "nothing was changed" in said and "try again" in said and "whoever runs Starling" in said


async def test_the_form_that_comes_back_says_no_more_than_the_reply(talk: Talk) -> None:
    request = Request("fail", Who(PLATFORM, "ana", "Ana"), HOME, {"text": "my words"}, submitted=True)
    view = await dispatcher(talk).run(request)
    assert isinstance(view, FormErrors)
    assert (talk.store.url.database or "?") not in str(view) and "nothing was changed" in str(view)


async def test_on_ones_own_machine_the_whole_sentence_is_read(talk: Talk) -> None:
    request = Request("fail", Who("console", "me", "Me"), Where("console"), {"text": "my words"})
    said = as_text(await dispatcher(talk).run(request))
    assert "read-only here" in said and (talk.store.url.database or "?") in said
