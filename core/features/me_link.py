"""``me link`` and ``me unlink``: one person on two platforms, joined by a one-time code."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import BadOption, UsageError
from core.linking import (
    OWN_CODE,
    account_words,
    check_accounts,
    checked_code,
    join_people,
    make_code,
    platform_name,
    take_out,
)
from core.parse import action_id
from core.plain import count
from core.store import codes, merging, people, personal
from core.store.engine import Line
from core.views import Block, Bold, Button, Buttons, Choice, Fields, Message, Text, Typed, View, When, words

# --- joining --------------------------------------------------------------------------------------------------------


async def me_link(call: Call) -> View:
    """Make a code; or with one, ask whether to join, and join."""
    if not call.get("code"):
        return await _make(call)
    found = await checked_code(call, codes.ACCOUNT, call.values["code"])
    if found.person_id == call.person.id:
        raise UsageError(OWN_CODE, example="me show")
    if call.get("confirm"):
        return await _join(call, found)
    async with call.app.store.read() as tx:
        maker = await people.get_person(tx, found.person_id)
        theirs = await people.accounts_of(tx, found.person_id)
        mine = await people.accounts_of(tx, call.person.id)
        done = await merging.amount(tx, call.person.id)
    assert maker is not None  # a code goes with its maker
    check_accounts(theirs, mine)
    brought = (
        f"What this account has practised so far ({count(done, 'time')}) comes along."
        if done
        else "This account has practised nothing yet."
    )
    typed = f"me link code: {call.values['code']} confirm: yes"
    blocks: list[Block] = [
        Text(
            words("Join this account with ", Bold(", ".join(map(account_words, theirs))), "?"),
            style="heading",
        ),
        Text(
            (
                f"You become one person: one streak, one place on each board. {brought} Zone, level, rest days and "
                f"the other settings are those of {maker.name}, and so is the reminder, if there is one there.",
            )
        ),
        Text(
            (
                "Only say yes if both accounts are yours. It cannot be taken back: an account can be unlinked "
                "later, and what was practised stays together.",
            )
        ),
    ]
    if not call.request.can_ask:
        blocks.append(Text(words("To do it: ", Typed(typed))))
    join = action_id("me link", code=codes.plain(call.values["code"]), confirm="yes")
    return Message((*blocks, Buttons((Button("Yes, both are mine", join, "primary"),))))


async def _make(call: Call) -> View:
    async with call.app.store.write() as tx:
        await personal.hold(tx, call.person.id)
        code = await make_code(tx, call.person.id, call.now)
    typed = Typed(f"me link code: {code}")
    return Message(
        (
            Text(words("Your code: ", Bold(code)), style="title"),
            Text(words("On your other platform, type: ", typed)),
            Text(
                words(
                    "It works once, until ",
                    When(call.now + codes.LIFE[codes.ACCOUNT], call.person.zone, "time"),
                    ". Whoever types it becomes one person with you, so show it to nobody.",
                ),
                style="note",
            ),
        )
    )


async def _join(call: Call, found: codes.Code) -> View:
    async with call.app.store.write() as tx:
        joined, _ = await join_people(tx, call.app, found, call.person.id, call.now)
    call.app.wake()
    streak = joined.streak
    facts = [
        ("Accounts", words(", ".join(map(account_words, joined.accounts)))),
        ("Streak", words(f"{count(streak.current, 'day')}; your best: {count(streak.best, 'day')}")),
        ("Groups", words(", ".join(joined.groups) or "none yet")),
        ("Zone", words(joined.person.zone)),
    ]
    return Message(
        (
            Text(("You are one person now.",), style="heading"),
            Fields(tuple(facts)),
            Text(words("What counted, and when: ", Typed("streak view: why")), style="note"),
        )
    )


# --- unlinking ------------------------------------------------------------------------------------------------------


def _key(account: Line) -> str:
    return ":".join(filter(None, (account.platform, account.workspace, account.user_id)))


async def _accounts(call: Call) -> list[Line]:
    async with call.app.store.read() as tx:
        return list(await people.accounts_of(tx, call.person.id))


async def suggest_accounts(call: Call, typed: str) -> tuple[Choice, ...]:
    word = typed.strip().casefold()
    found = [(account_words(a), _key(a)) for a in await _accounts(call)]
    return tuple(Choice(label[:75], key[:75]) for label, key in found if word in label.casefold())


def _chosen(call: Call, mine: list[Line]) -> Line:
    """The account that is meant: the one of that platform, or with that very key; the other one when none is said."""
    who = call.request.who
    raw: str = call.get("account", "").strip().casefold()
    here = (who.platform, who.workspace, who.user_id)
    if raw:
        fits = [a for a in mine if raw in (_key(a).casefold(), a.platform, account_words(a).casefold())]
    else:
        fits = [a for a in mine if (a.platform, a.workspace, a.user_id) != here]
    if len(fits) == 1:
        return fits[0]
    listed = ", ".join(f"{account_words(a)} ({_key(a)})" for a in mine)
    raise BadOption(
        f"Which account? You have {listed}.", option="account", example=f"me unlink account: {_key(mine[0])}"
    )


async def me_unlink(call: Call) -> View:
    """Take one of the accounts out; it begins anew. Asked first."""
    mine = await _accounts(call)
    if len(mine) < 2:
        raise UsageError(
            "You have this one account, so there is nothing to unlink. “me link” joins one of another platform.",
            example="me link",
        )
    chosen = _chosen(call, mine)
    stays = [a for a in mine if a is not chosen]
    if call.get("confirm"):
        return await _unlink(call, chosen)
    kept = ", ".join(map(account_words, stays))
    blocks: list[Block] = [
        Text(words("Unlink ", Bold(account_words(chosen)), "?"), style="heading"),
        Text(
            (
                f"Everything you have practised, your streak, points and groups stay with {kept}. "
                f"{account_words(chosen)} begins anew, with your zone and settings and nothing else.",
            )
        ),
    ]
    if not call.request.can_ask:
        blocks.append(Text(words("To do it: ", Typed(f"me unlink account: {_key(chosen)} confirm: yes"))))
    button = Button("Unlink it", action_id("me unlink", account=_key(chosen), confirm="yes"), "danger")
    return Message((*blocks, Buttons((button,))))


async def _unlink(call: Call, chosen: Line) -> View:
    async with call.app.store.write() as tx:
        await personal.hold(tx, call.person.id)
        person = await people.get_person(tx, call.person.id)
        mine = [_key(a) for a in await people.accounts_of(tx, call.person.id)]
        if person is None or len(mine) < 2 or _key(chosen) not in mine:
            raise UsageError("That account is unlinked already.", example="me show")
        off = await take_out(tx, person, chosen, call.now)
    blocks: list[Block] = [
        Text(words(Bold(account_words(chosen)), " is unlinked, and begins anew with its next command."))
    ]
    if off:
        where = platform_name(chosen.platform)
        again = Typed("remind set time: 09:00")
        blocks.append(Text(words(f"Your reminder came on {where} and is off now. To have one here: ", again)))
    return Message(tuple(blocks))


CONFIRM = Option("confirm", "yes to do it without being asked again", Kind.YESNO, named=True)
COMMANDS = (
    Command(
        "me link",
        "Be one person on two platforms: makes a code here, which you type there.",
        me_link,
        (Option("code", "The code that the other platform gave you", most=20), CONFIRM),
        allow=Allow.ANYONE,
        area="mine",
    ),
    Command(
        "me unlink",
        "Take one of your accounts out. What you practised stays with the others.",
        me_unlink,
        (
            Option("account", "Its platform, as slack", most=120, suggest=suggest_accounts),
            CONFIRM,
        ),
        allow=Allow.ANYONE,
        area="mine",
    ),
)
