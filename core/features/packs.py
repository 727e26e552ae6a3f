"""``pack``: question packs, looked at, checked, brought in and taken out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.call import Call
from core.commands import Allow, Command, Kind, Option
from core.errors import NotFound, UsageError
from core.pack_files import HandedIn, known_of, own_packs, problem_blocks, read_pack
from core.packs.changes import Changes
from core.packs.model import Pack
from core.packs.vocabulary import TRACK_TITLES, TRACKS
from core.parse import action_id
from core.plain import count, shown
from core.store import facts, health, occurrences, prompts, schedules
from core.store.engine import Tx
from core.store.prompts import StoredPack
from core.store.schedules import Schedule
from core.views import (
    Block,
    Button,
    Buttons,
    Choice,
    Fields,
    Message,
    Page,
    Text,
    Typed,
    View,
    Words,
    words,
)

PAGE = 10  # packs
NAMED = 12  # prompts named in one line


def _group_id(call: Call) -> int:
    assert call.group is not None  # allow=MEMBER
    return call.group.id


# --- list ----------------------------------------


async def list_(call: Call) -> View:
    """Shipped packs and the group's own, with what they still ask."""
    async with call.app.store.read() as tx:
        found = await prompts.list_packs(tx, _group_id(call))
        live = await health.live_prompts(tx, _group_id(call))
    if not found:
        return Message(
            (Text(words("There are no question packs yet. Bring one in: ", Typed("pack import"))),)
        )
    pages = -(-len(found) // PAGE)
    number = min(call.get("page", 1), pages)
    rows: list[tuple[str, Words]] = []
    for pack in found[(number - 1) * PAGE : number * PAGE]:
        asked = _asked({c.track: c.prompts for c in live if c.pack_id == pack.id})
        owner = "shipped" if pack.group_id is None else "the group's own"
        rows.append(
            (pack.slug, words(f"{pack.title}. Version {pack.version}, {pack.license}, {owner}: {asked}."))
        )
    head = f"{count(len(found), 'pack')}, {count(sum(c.prompts for c in live), 'prompt')}"
    return Page(
        Message((Text((head,), style="title"), Fields(tuple(rows)))),
        number,
        pages,
        action_id("pack list", page=number - 1) if number > 1 else None,
        action_id("pack list", page=number + 1) if number < pages else None,
    )


def _asked(tracks: Mapping[str, int]) -> str:
    """ "48 prompts (behavioural)", "5 prompts (3 behavioural, 2 coding)"."""
    named = [t for t in TRACKS if tracks.get(t)]
    if not named:
        return "nothing of it is asked any more"
    if len(named) == 1:
        inside = TRACK_TITLES[named[0]].lower()
    else:
        inside = ", ".join(f"{tracks[t]} {TRACK_TITLES[t].lower()}" for t in named)
    return f"{count(sum(tracks.values()), 'prompt')} ({inside})"


# --- check and import ----------------------------------------


async def check(call: Call) -> View:
    """Everything that ``pack import`` would say, and nothing stored."""
    found = await read_pack(call.app, _group_id(call), call.values["file"])
    pack = found.pack
    if pack is None:
        return _refused(f"{found.name} cannot be imported yet.", found)
    asked = _asked({t: sum(p.track == t for p in pack.live) for t in TRACKS})
    blocks: list[Block] = [
        Text((f"{found.name} is {'usable' if found.problems else 'fine'}.",), style="title"),
        Text((f"{pack.id}, version {pack.version}, {pack.license}: {asked}.",)),
        *problem_blocks(found),
    ]
    if found.known:
        blocks += [Text(("What an import would change",), style="heading"), _changes(found.changes)]
    blocks.append(Text(words("Nothing was stored. To bring it in: ", Typed("pack import")), style="note"))
    return Message(tuple(blocks))


async def import_(call: Call) -> View:
    """A new pack, or a new version of one: the whole file or nothing of it."""
    group_id = _group_id(call)
    found = await read_pack(call.app, group_id, call.values["file"])
    pack = found.pack
    if pack is None:
        return _refused(f"Nothing of {found.name} was imported.", found)
    async with call.app.store.write() as tx:
        await prompts.hold_packs(tx)
        if await known_of(tx, group_id, pack.id) != found.known:
            raise UsageError(
                f"Somebody else changed “{pack.id}” at this very moment. Nothing was stored; look, and try again.",
                example="pack list",
            )
        before = next((p for p in await own_packs(tx, group_id, removed=True) if p.slug == pack.id), None)
        if before is not None and not before.removed and before.sha256 == pack.sha256:
            same = f"{pack.id} {pack.version} is here already, letter for letter. Nothing changed."
            return Message((Text((same,)),))
        pack_id = await prompts.install(tx, pack, group_id, call.now)
        await occurrences.choose_anew(tx, pack_id, call.now)
        await _note(tx, call, "pack import", f"{pack.id} {pack.version}")
    blocks: list[Block] = [Text((_imported(pack, before),), style="title"), _changes(found.changes)]
    if before is not None and found.changes.any and _number(pack.version) <= _number(before.version):
        older = f"Its version was {before.version} before; a higher one would tell the two apart."
        blocks.append(Text((older,), style="note"))
    blocks += problem_blocks(found)
    alone = Typed(f"drops add time: 09:00 packs: {pack.id}")
    blocks.append(
        Text(
            words("Schedules that take every pack ask it from now on. One for it alone: ", alone),
            style="note",
        )
    )
    blocks.append(Buttons((Button("All packs", "pack list"),)))
    return Message(tuple(blocks))


def _imported(pack: Pack, before: StoredPack | None) -> str:
    if before is None:
        return f"{pack.id} {pack.version} is imported."
    if before.removed:
        return f"{pack.id} is back, at version {pack.version}."
    return f"{pack.id} is at version {pack.version} now."


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _changes(changes: Changes) -> Block:
    lines = (
        ("Added", changes.added),
        ("Reworded", changes.changed),
        ("Retired", (*changes.retired, *changes.removed)),
        ("Asked again", changes.returned),
        ("Renamed", tuple(f"{old} is {new} now" for old, new in changes.renamed)),
    )
    items = tuple((f"{title} ({len(ids)})", words(_named(ids))) for title, ids in lines if ids)
    return Fields(items) if items else Text(("Its questions are the same as before.",))


def _named(ids: Sequence[str]) -> str:
    return ", ".join(ids[:NAMED]) + (f" and {len(ids) - NAMED} more" if len(ids) > NAMED else "")


def _refused(head: str, found: HandedIn) -> Message:
    return Message((Text((head,), style="title"), *problem_blocks(found)))


# --- remove ----------------------------------------


async def remove(call: Call) -> View:
    """Nothing of a pack is asked any more; schedules that named it go on, and are told how."""
    group_id = _group_id(call)
    async with call.app.store.write() as tx:
        await prompts.hold_packs(tx)
        pack = await _own_named(tx, call)
        naming = [s for s in await schedules.of_group(tx, group_id) if pack.slug in s.packs]
        if not call.get("sure", False):
            return _ask_first(pack, naming)
        await prompts.remove_pack(tx, pack.id, call.now)
        await occurrences.choose_anew(tx, pack.id, call.now)
        for one in naming:
            left = tuple(p for p in one.packs if p != pack.slug)
            await schedules.set_content(tx, one.id, tracks=one.tracks, packs=left, role_id=one.role_id)
        await _note(tx, call, "pack remove", f"{pack.slug} {pack.version}")
    done = f"{pack.slug} is removed: nothing of it is asked any more. Answers to it stay."
    return Message((Text((done,)), *(Text((_goes_on(s, pack.slug, "takes"),)) for s in naming)))


async def _own_named(tx: Tx, call: Call) -> StoredPack:
    name = call.values["name"].casefold()
    own = await own_packs(tx, _group_id(call))
    for pack in own:
        if name in (pack.slug, pack.title.casefold()):
            return pack
    if any(p.slug == name for p in await prompts.list_packs(tx, None)):
        raise UsageError(
            f"“{name}” comes with Starling, so it stays. A schedule can do without it: name the packs it takes.",
            example="drops add time: 09:00 packs: starter-behavioural",
        )
    listed = f"There are: {', '.join(p.slug for p in own)}." if own else "It has brought in none so far."
    raise NotFound(f"This group has no pack “{shown(name)}” of its own. {listed}", example="pack list")


def _ask_first(pack: StoredPack, naming: Sequence[Schedule]) -> Message:
    return Message(
        (
            Text((f"Remove {pack.slug}, with its {count(pack.prompts, 'prompt')}? Answers to it stay.",)),
            *(Text((_goes_on(s, pack.slug, "will take"),)) for s in naming),
            Buttons(
                (
                    Button("Remove", action_id("pack remove", name=pack.slug, sure="yes"), "danger"),
                    Button("Keep", "pack list"),
                )
            ),
        )
    )


def _goes_on(schedule: Schedule, slug: str, takes: str) -> str:
    left = [p for p in schedule.packs if p != slug]
    if left:
        return f"Schedule {schedule.id} {takes} its questions from {', '.join(left)} alone."
    return f"Schedule {schedule.id} named this pack alone; it {takes} its questions from every pack."


async def suggest_own(call: Call, typed: str) -> tuple[Choice, ...]:
    """The group's own packs whose name or title holds what is typed."""
    if call.group is None:
        return ()
    async with call.app.store.read() as tx:
        own = await own_packs(tx, call.group.id)
    word = typed.strip().casefold()
    fits = [p for p in own if word in p.slug or word in p.title.casefold()]
    return tuple(Choice(shown(p.title, 75), p.slug) for p in fits[:25])


async def _note(tx: Tx, call: Call, action: str, detail: str) -> None:
    await facts.note_action(tx, _group_id(call), call.person.id, action, detail, call.now)


_FILE = Option("file", "The pack, a TOML file of at most 1 MiB", Kind.FILE, required=True, asked=True)

COMMANDS = (
    Command(
        "pack list",
        "The question packs of this group: version, licence, and how many prompts of which kind.",
        list_,
        (Option("page", "Which page", Kind.NUMBER, named=True, least=1, most=10_000),),
        area="organise",
    ),
    Command(
        "pack check",
        "Look a pack file over: every problem with its line. Nothing is stored.",
        check,
        (_FILE,),
        allow=Allow.ORGANISER,
        slow=True,
        area="organise",
    ),
    Command(
        "pack import",
        "Bring in a question pack, or its new version.",
        import_,
        (_FILE,),
        allow=Allow.ORGANISER,
        slow=True,
        area="organise",
    ),
    Command(
        "pack remove",
        "Ask nothing of one of the group's own packs any more.",
        remove,
        (
            Option("name", "Which pack", required=True, asked=True, most=100, suggest=suggest_own),
            Option("sure", "Yes, really", Kind.YESNO, named=True),
        ),
        allow=Allow.ORGANISER,
        example="pack remove name: our-questions",
        area="organise",
    ),
)
