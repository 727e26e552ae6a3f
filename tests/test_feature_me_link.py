"""``me link`` and ``me unlink``: what two accounts read on their way to being one person, and back."""

from __future__ import annotations

import asyncio

import pytest
from moved_clock import MovedClock
from sqlalchemy import select
from talk import ANSWER
from two_platforms import FAR, Two, code_in

from core.store import codes
from core.store.engine import Store
from core.store.tables import account, answer, code, person


@pytest.fixture
async def two(store: Store, clock: MovedClock) -> Two:
    return await Two.begin(store, clock, packs=True)


async def test_a_code_from_one_platform_typed_on_the_other_makes_one_person(two: Two) -> None:
    await two("ana", "/me settings zone: Asia/Tokyo")
    await two.practise("ana")
    told = await two("ana", "/me link")
    code = code_in(told)
    assert f"/me link code: {code}" in told and "works once" in told
    asked = await two.far("ana", f"/me link code: {code.lower().replace('-', '')}", direct=True)
    assert "Join this account with Ana on test?" in asked
    assert "This account has practised nothing yet." in asked and "cannot be taken back" in asked
    assert (await two.person("ana@far")).id != (await two.person("ana")).id, "asked, not done"
    done = await two.press("ana@far", "Yes, both are mine", where=FAR)
    assert "You are one person now." in done and "Ana on test, Ana on far" in done
    assert "Night owls" in done and "Asia/Tokyo" in done and "1 day" in done
    assert (await two.person("ana@far")).id == (await two.person("ana")).id
    shown = await two.far("ana", "/me show", direct=True)
    assert "far: Ana" in shown and "test: Ana" in shown


async def test_what_a_code_brings_along_is_said_before(two: Two) -> None:
    await two.practise("ben")
    code = code_in(await two.far("ben", "/me link", direct=True))
    asked = await two("ben", f"/me link code: {code}")
    assert "Join this account with Ben on far?" in asked
    assert "What this account has practised so far (1 time) comes along." in asked
    assert "confirm: yes" in asked, "nobody can press there"


async def test_a_code_works_once_and_not_for_its_maker(two: Two) -> None:
    code = code_in(await two("ana", "/me link"))
    assert "That code is your own" in await two("ana", f"/me link code: {code} confirm: yes")
    await two.far("ana", f"/me link code: {code} confirm: yes", direct=True)
    again = await two("mallory@far", f"/me link code: {code} confirm: yes")
    assert "has been used" in again
    assert "That code is your own" in await two.far(
        "ana", f"/me link code: {code_in(await two('ana', '/me link'))}"
    )


async def test_a_code_is_over_after_a_quarter_of_an_hour(two: Two, clock: MovedClock) -> None:
    code = code_in(await two("ana", "/me link"))
    clock.advance(15 * 60 - 1)
    assert "Join this account" in await two.far("ana", f"/me link code: {code}", direct=True)
    clock.advance(1)
    assert "time is over" in await two.press("ana@far", "Yes, both are mine", where=FAR)
    assert (await two.person("ana@far")).id != (await two.person("ana")).id


async def test_a_new_code_makes_the_one_before_good_for_nothing(two: Two) -> None:
    old, new = code_in(await two("ana", "/me link")), code_in(await two("ana", "/me link"))
    assert "There is no such code" in await two.far("ana", f"/me link code: {old}", direct=True)
    assert "Join this account" in await two.far("ana", f"/me link code: {new}", direct=True)


async def test_nobody_tries_codes_out(two: Two, clock: MovedClock) -> None:
    good = code_in(await two("ana", "/me link"))
    for n in range(codes.WRONG_TRIES):
        assert "There is no such code" in await two("eve@far", f"/me link code: BCDF-234{n + 2}")
    assert "try again in 60 minutes" in await two("eve@far", f"/me link code: {good}")
    assert "Join this account" in await two.far("ana", f"/me link code: {good}"), "only she who guessed"
    clock.advance(3600)
    fresh = code_in(await two("ana", "/me link"))
    assert "Join this account" in await two("eve@far", f"/me link code: {fresh}")


async def test_the_database_holds_no_code(two: Two, store: Store) -> None:
    word = code_in(await two("ana", "/me link"))
    async with store.read() as tx:
        rows = (await tx.execute(select(code))).all()
    assert len(rows) == 1
    assert word not in str(rows) and codes.plain(word) not in str(rows)


async def test_a_groups_code_joins_no_accounts(two: Two) -> None:
    word = code_in(await two("boss", "/group link", organiser=True))
    assert "There is no such code" in await two.far("ana", f"/me link code: {word}", direct=True)


async def test_two_accounts_in_one_place_are_not_joined_and_two_workspaces_are(two: Two) -> None:
    code = code_in(await two("ana", "/me link"))
    assert "Both have an account on test" in await two("bea", f"/me link code: {code} confirm: yes")
    code = code_in(await two("cem@far:T1", "/me link"))
    assert "one person now" in await two("cem@far:T2", f"/me link code: {code} confirm: yes")


async def test_somebody_forgotten_meanwhile_is_joined_with_nobody(two: Two) -> None:
    code = code_in(await two("ana", "/me link"))
    await two("ana", "/me forget confirm: yes")
    assert "There is no such code" in await two.far("ana", f"/me link code: {code} confirm: yes")


# --- unlinking ------------------------------------------------------------------------------------------------------


async def test_an_unlinked_account_begins_anew_and_practice_stays(two: Two) -> None:
    await two("ana", "/me settings zone: Asia/Tokyo rest: sun cutoff: 02:00")
    await two.practise("ana")
    await two.link_accounts()
    asked = await two("ana", "/me unlink")
    assert "Unlink Ana on far?" in asked and "stay with Ana on test" in asked
    done = await two.press("ana", "Unlink it")
    assert "Ana on far is unlinked" in done
    mine, new = await two.person("ana"), await two.person("ana@far")
    assert mine.id != new.id
    assert (new.zone, new.cutoff_minutes, new.rest_days) == ("Asia/Tokyo", 120, frozenset({6}))
    assert "1 day" in await two("ana", "/streak")
    assert "You have no answers yet" in await two.far("ana", "/history", direct=True)
    assert "this one account" in await two("ana", "/me unlink")


async def test_the_account_that_speaks_can_be_the_one_that_leaves(two: Two) -> None:
    await two.practise("ana")
    await two.link_accounts()
    done = await two("ana", "/me unlink account: test confirm: yes")
    assert "Ana on test is unlinked" in done
    assert "1 day" in await two.far("ana", "/streak", direct=True)


async def test_a_reminder_by_the_unlinked_account_is_off_and_it_is_said(two: Two, clock: MovedClock) -> None:
    await two.link_accounts()
    await two.far("ana", "/remind set time: 21:00", direct=True)
    done = await two("ana", "/me unlink account: far confirm: yes")
    assert "Your reminder came on far and is off now" in done
    two.until("2026-03-02 23:30")
    assert not [line for line in await two.deliver() if "question of the day" in line]


async def test_a_button_of_before_unlinks_nothing_twice(two: Two, store: Store) -> None:
    await two.link_accounts()
    await two("ana", "/me unlink")
    await two.press("ana", "Unlink it")
    assert "this one account" in await two.press("ana", "me unlink:account=far:ana;confirm=yes")
    async with store.read() as tx:
        assert len((await tx.execute(select(account))).all()) == 2
        assert len((await tx.execute(select(person))).all()) == 2


async def test_forgetting_covers_every_linked_account(two: Two) -> None:
    await two.link_accounts()
    await two("ana", "/me forget confirm: yes")
    assert sorted(two.erased) == ["far::ana", "test::ana"]
    assert "none" in await two.far("ana", "/me show", direct=True), "somebody new, in no group"


# --- at the same moment ---------------------------------------------------------------------------------------------


async def test_two_who_type_one_code_at_once_are_not_both_joined(two: Two, store: Store) -> None:
    await two("ana", "/me show", direct=True)
    word = code_in(await two("ana", "/me link"))
    line = f"/me link code: {word} confirm: yes"
    told = await asyncio.gather(*(two(f"u{n}@far:T{n}", line) for n in range(4)))
    assert sum("You are one person now" in said for said in told) == 1, told
    assert sum("used" in said for said in told) == 3, told
    async with store.read() as tx:
        assert len((await tx.execute(select(account).where(account.c.person_id == 1))).all()) == 2


async def test_a_join_while_both_answer_loses_no_answer_that_was_said_to_be_kept(
    two: Two, store: Store
) -> None:
    await two.practise("ana")
    await two.far("ana", "/practice track: behavioural", direct=True)
    word = code_in(await two("ana", "/me link"))
    told = await asyncio.gather(
        two("ana", f"/answer text: {ANSWER}"),
        two.far("ana", f"/answer text: {ANSWER}", direct=True),
        two.far("ana", f"/me link code: {word} confirm: yes", direct=True),
    )
    assert "one person now" in told[2]
    kept = 1 + sum("Kept" in said for said in told[:2])
    async with store.read() as tx:
        rows = (await tx.execute(select(answer.c.person_id))).scalars().all()
    assert len(rows) == kept and len(set(rows)) == 1
