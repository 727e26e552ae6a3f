"""Joining a person's accounts by a one-time code, and taking one out again (docs/rules.md, 9 "Linking")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.call import Call
from core.delivery.redraw import touch_cards_of
from core.errors import NotFound, TooMany, UsageError
from core.plain import count
from core.profile import settle, vacations_ahead
from core.rules.streak import Streak
from core.services import Services
from core.store import accounts, codes, merging, people, personal
from core.store.codes import ACCOUNT, Code
from core.store.engine import Line, Tx
from core.store.people import Person
from core.streaks import current_streak, refresh_streak

PLATFORM_NAMES = {"discord": "Discord", "slack": "Slack", "console": "the console"}


def platform_name(platform: str) -> str:
    return PLATFORM_NAMES.get(platform, platform)


def account_words(account: Line) -> str:
    """ "Ana on Discord"."""
    return f"{account.name} on {platform_name(account.platform)}"


# --- codes ----------------------------------------------------------------------------------------------------------


async def checked_code(call: Call, kind: str, typed: str) -> Code:
    """The code that was typed, as long as it is good. A wrong one is counted: nobody tries them out.

    From here on it is good for this person alone: where it was typed for all to see, nobody else can be quicker.
    Raises TooMany, NotFound, UsageError. Spending it is for the transaction that acts (``spend``).
    """
    async with call.app.store.write() as tx:
        await personal.hold(tx, call.person.id)
        locked = await codes.locked_until(tx, call.person.id, call.now)
        found = await codes.find(tx, kind, typed) if locked is None else None
        if locked is None and found is None:
            await codes.note_wrong(tx, call.person.id, call.now)
        first = call.person.id
        if found is not None and found.expires_at > call.now and found.person_id != first:
            first = await codes.typed_by(tx, found, first)
    again = call.command.path
    if locked is not None:
        minutes = max(1, round((locked - call.now).total_seconds() / 60))
        raise TooMany(
            f"Those were {codes.WRONG_TRIES} codes that do not exist. Please try again in {count(minutes, 'minute')}, "
            f"best with a new one: “{again}” on the other platform makes it."
        )
    if found is None:
        raise NotFound(
            f"There is no such code. It has {codes.LENGTH} letters and digits, as in BCDF-2345; “{again}” on the "
            "other platform makes one.",
            example=f"{again} code: BCDF-2345",
        )
    if found.used_at is not None or first != call.person.id:
        raise UsageError(
            f"That code has been used. Each works once; “{again}” on the other platform makes a new one.",
            example=again,
        )
    if found.expires_at <= call.now:
        raise UsageError(
            f"That code's time is over. “{again}” on the other platform makes a new one.", example=again
        )
    return found


async def spend(tx: Tx, found: Code, now: datetime) -> None:
    """Use a code up, in the transaction of what it does. Raises UsageError when somebody was faster."""
    if not await codes.use(tx, found.digest, now):
        raise UsageError("That code was used, or ran out, at this very moment. Please make a new one.")


# --- joining --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Joined:
    """The person that two have become. ``groups`` are names of the boards they stand on, once each."""

    person: Person
    streak: Streak
    accounts: Sequence[Line]
    groups: tuple[str, ...]


def check_accounts(kept: Sequence[Line], absorbed: Sequence[Line]) -> None:
    """Raise UsageError when both have an account in the same place: there would be no telling which is written to."""
    of = {(a.platform, a.workspace): a for a in kept}
    for account in absorbed:
        twin = of.get((account.platform, account.workspace))
        if twin is not None:
            where = platform_name(account.platform)
            place = "one Slack workspace" if account.workspace else where
            raise UsageError(
                f"Both have an account on {place}: {twin.name} and {account.name}. One person has one account "
                "there, so nothing was joined. Accounts of different platforms or workspaces can be joined.",
                example="me show",
            )


async def join_people(
    tx: Tx, app: Services, found: Code, absorbed_id: int, now: datetime
) -> tuple[Joined, Person]:
    """Make the maker of the code and ``absorbed_id`` one person; (who they are now, who was absorbed).

    The maker is kept, with their name and settings. The past is judged by the settings of whoever's streak is
    longer, so that the joined one is at least as long. Raises UsageError, NotFound; then nothing was changed.
    """
    kept_id = found.person_id
    if kept_id == absorbed_id:
        raise UsageError(OWN_CODE, example="me show")
    for person_id in sorted((kept_id, absorbed_id)):
        await personal.hold(tx, person_id)
    kept, absorbed = await people.get_person(tx, kept_id), await people.get_person(tx, absorbed_id)
    if kept is None or absorbed is None:
        raise NotFound("One of the two has been forgotten meanwhile, so nothing was joined.")
    check_accounts(await people.accounts_of(tx, kept.id), await people.accounts_of(tx, absorbed.id))
    await spend(tx, found, now)
    ours, theirs = await current_streak(tx, kept, now), await current_streak(tx, absorbed, now)
    history = absorbed if (theirs.current, theirs.best) > (ours.current, ours.best) else kept
    ahead = await vacations_ahead(tx, kept, now)
    await merging.move_all(tx, kept, absorbed, history, ahead, app.points, now)
    joined = await current_streak(tx, kept, now)
    if (best := max(ours.best, theirs.best)) > joined.best:
        await merging.keep_best(tx, kept.id, best, now)
    await codes.note_joined(tx, now, absorbed.id, person_id=kept.id)
    streak = await refresh_streak(tx, kept, now)
    groups = tuple(g.name for g in await people.groups_of(tx, kept.id))
    accounts_now = await people.accounts_of(tx, kept.id)
    await touch_cards_of(tx, app, kept.id, now)
    return Joined(kept, streak, accounts_now, groups), absorbed


OWN_CODE = "That code is your own. Type it on the other platform, as the account that should be joined with this one."


# --- unlinking ------------------------------------------------------------------------------------------------------


async def take_out(tx: Tx, person: Person, account: Line, now: datetime) -> bool:
    """Let ``account`` be a person of its own again, who begins anew with the settings of ``person``.

    Everything that was practised stays with ``person``. True when their reminder went by that account's
    platform, and is off now.
    """
    await accounts.let_go(tx, person, account, now)
    off = await accounts.end_road(tx, person.id, account.platform, now)
    await settle(tx, person.id, now)
    return off


async def make_code(tx: Tx, person_id: int, now: datetime) -> str:
    """A code that joins another account to that person."""
    return await codes.make(tx, ACCOUNT, person_id, now)
