"""The one road: find, allow, validate, handle, explain; and that nothing is ever raised to an adapter."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moved_clock import MovedClock
from practising import plan, story, studying
from strategies import typed
from structlog.testing import capture_logs
from talk import DIRECT, HOME, Talk

from bot import logs
from core.call import Call, Request, Where, Who
from core.catalogue import registry
from core.commands import Allow, Begin, Command, Kind, Option, Registry
from core.errors import BadOption, NotFound, StoreError
from core.limits import Limiter
from core.parse import action_id
from core.services import Limits
from core.store import asides
from core.store.engine import Store
from core.text import as_text
from core.views import Choice, Field, File, Form, FormErrors, Message, Page, View, blocks_of, say

ELSEWHERE = Where("test", "another server", "channel")
SECRET = "my manager Petronella Quack was wrong about the merger"


@pytest.fixture
async def talk(store: Store, clock: MovedClock) -> Talk:
    return await studying(store, clock)


# --- a registry of its own --------------------------------------------------------------------------------


async def _plan(call: Call) -> View:
    if call.get("goal") == "nothing":
        raise BadOption("A goal has to be something.", option="goal")
    return say(", ".join(f"{name}={value}" for name, value in sorted(call.values.items())))


async def _broken(call: Call) -> View:
    raise RuntimeError("boom")


async def _full(call: Call) -> View:
    raise StoreError("The disk is full. Nothing was changed.")


async def _cancelled(call: Call) -> View:
    raise asyncio.CancelledError


async def _note(call: Call) -> View:
    """Text "boom", "full" and "none" go wrong; "page" and "all" are what they say."""
    text = call.values["text"]
    if text.startswith("boom"):
        raise RuntimeError("boom")
    if text.startswith("full"):
        raise StoreError("The disk is full. Nothing was changed.")
    if text.startswith("none"):
        raise NotFound("There is no such note.", example="note")
    if text == "page":
        return Page(say("one"), 1, 2, None, "note:text=two")
    return say(f"noted: {text}", private=text != "all")


async def _note_form(call: Call) -> Form:
    about = str(call.request.values.get("about", ""))
    if about == "gone":
        raise NotFound("That is gone.")
    return Form(action_id("note", about=about) if about else "note", "A note", (Field("text", "Words"),))


async def _suggest(call: Call, typed: str) -> tuple[Choice, ...]:
    return (Choice("L" * 200, "long"), *(Choice(f"{typed}{n}", str(n)) for n in range(30)))


TRACKS = (
    Choice("Behavioural", "behavioural"),
    Choice("Coding", "coding"),
    Choice("System design", "system-design"),
    Choice("Something with a very long label that nobody would ever read to its end", "long"),
)
TEXT = Option("text", "What you think", Kind.LONG)
ROOM = Registry(
    [
        Command(
            "plan",
            "Plan a week.",
            _plan,
            (
                Option("goal", "What it is for", required=True, most=30),
                Option(
                    "track", "Which track", Kind.CHOICE, required=True, choices=(Choice("Coding", "coding"),)
                ),
                Option("hours", "How many", Kind.NUMBER, least=1, most=40),
                Option("note", "Anything else"),
            ),
            allow=Allow.ANYONE,
            slow=True,
        ),
        Command("member only", "For members.", _plan, allow=Allow.MEMBER),
        Command("organiser only", "For organisers.", _plan, allow=Allow.ORGANISER),
        Command("broken", "Raises.", _broken, (TEXT,), allow=Allow.ANYONE),
        Command("full", "Cannot store.", _full, (TEXT,), allow=Allow.ANYONE),
        Command(
            "note",
            "Keep a note, privately or for all.",
            _note,
            (
                Option("about", "What it is about", named=True),
                Option("text", "The words", Kind.LONG, required=True),
            ),
            allow=Allow.ANYONE,
            form=_note_form,
        ),
        Command("public", "Says it to all.", _plan, allow=Allow.ANYONE, private=False),
        Command(
            "many",
            "Several.",
            _plan,
            (Option("tracks", "Which", Kind.MANY, choices=TRACKS), Option("about", "x", suggest=_suggest)),
            allow=Allow.ANYONE,
        ),
        Command("cancelled", "Is stopped.", _cancelled, allow=Allow.ANYONE),
    ]
)


@pytest.fixture
def room(talk: Talk) -> Talk:
    talk.reconfigure(registry=ROOM)
    return talk


# --- find and allow ----------------------------------------------------------------------------------------


async def test_an_unknown_command_names_the_nearest_with_a_button(room: Talk) -> None:
    assert await room("ana", "/plam") == (
        "There is no command “plam”. Did you mean “plan”?\n\n"
        "For example: /plan goal: words track: coding\n\n"
        "[plan]"
    )
    assert "one of" in await room.press("ana", "plan")


async def test_what_is_for_organisers_is_refused_to_members_by_name(room: Talk) -> None:
    assert await room("ana", "/organiser only") == (
        "“organiser only” is for the organisers of this group. Ask one of them to do it."
    )
    assert await room("ana", "/organiser only", organiser=True) == ""


async def test_where_there_is_no_group_it_is_said_what_makes_one(room: Talk) -> None:
    assert (await room("ana", "/member only", where=ELSEWHERE)).startswith(
        "There is no study group here yet."
    )
    assert await room("bea", "/member only", direct=True) == (
        "You are in no study group yet. Use a command in your group's channel first."
    )
    assert await room("ana", "/member only") == "", "the first command in a home joins its group"
    assert await room("ana", "/member only", direct=True) == "", (
        "and then it is the active one in direct messages"
    )
    assert (await room("ana", "/organiser only", where=ELSEWHERE, organiser=True)).startswith(
        "There is no study group here yet."
    )


# --- validate ------------------------------------------------------------------------------------------------


async def test_a_missing_option_is_an_error_with_an_example_on_a_pipe(room: Talk) -> None:
    assert await room("ana", "/plan") == (
        "“goal:” is missing: what it is for.\n\nFor example: /plan goal: words track: coding"
    )
    assert await room("ana", "/plan goal: x") == (
        "“track:” is missing: which track.\n\nFor example: /plan goal: x track: coding"
    ).replace("goal: x", "goal: words")


async def test_a_missing_option_opens_a_form_where_somebody_can_be_asked(room: Talk) -> None:
    await room("ana", "/plan goal: offers hours: 5", can_ask=True)
    form = room.form("ana")
    assert [(f.name, f.value, f.required) for f in form.fields] == [
        ("goal", "offers", True),
        ("track", "", True),
        ("hours", "5", False),
        ("note", "", False),
    ]
    assert form.action == "plan"
    assert await room.submit("ana", {"track": "Coding"}) == "goal=offers, hours=5, track=coding"


async def test_a_wrong_value_is_said_before_anything_is_asked(room: Talk) -> None:
    said = await room("ana", "/plan hours: 99", can_ask=True)
    assert said == (
        "“hours” has to be a number from 1 to 40; 99 is not.\n\n"
        "For example: /plan goal: words track: coding hours: 3"
    )


WRONG_FIELDS: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"hours": "many"}, "hours", "“hours” has to be a whole number; “many” is not."),
    ({"goal": ""}, "goal", "“goal” is empty."),
    ({"goal": "x" * 31}, "goal", "“goal” has 31 characters; 30 is the most. Nothing was stored."),
    ({"track": "cooking"}, "track", "“cooking” is no track. There are: coding. Did you mean coding?"),
    ({"goal": "nothing"}, "goal", "A goal has to be something."),
    ({"colour": "red"}, "colour", "“plan” has no option “colour:”."),
)


async def test_a_form_with_an_error_comes_back_filled_in(room: Talk) -> None:
    for changes, field, error in WRONG_FIELDS:
        await room("ana", "/plan", can_ask=True)
        sent = {"goal": "offers", "track": "coding", "hours": "5", "note": "ünï\n🦆", **changes}
        await room.submit("ana", sent)
        view = room.views["ana"]
        assert isinstance(view, FormErrors) and view.errors == {field: error}
        assert {f.name: f.value for f in view.form.fields} == {k: v for k, v in sent.items() if k != "colour"}


async def test_an_optional_field_left_empty_or_blank_is_left_out(room: Talk) -> None:
    await room("ana", "/plan", can_ask=True)
    sent = {"goal": "offers", "track": "coding", "hours": "", "note": " \u200b\n"}
    assert await room.submit("ana", sent) == "goal=offers, track=coding"


def test_how_a_request_begins_is_known_before_anything_runs(room: Talk) -> None:
    def begins(path: str, **values: object) -> Begin:
        return room.dispatcher.begins(Request(path, room.who("ana"), HOME, values))

    assert begins("plan") is begins("plan", goal="x") is begins("plan", goal="x", track="") is Begin.FORM
    assert begins("plan", goal="x", track=None) is Begin.FORM
    assert begins("plan", goal="x", track="coding") is Begin.THINK
    assert begins("full") is begins("no such thing") is Begin.REPLY
    # A command with a form of its own; a button that carries a part of what it needs, or an empty value.
    assert begins("note") is begins("note", about="x") is begins("note", text="") is Begin.FORM
    assert begins("note", about="x", text="y") is Begin.REPLY
    # What came back from a form, or from where nobody can be asked, is never answered with a form.
    back = Request("plan", room.who("ana"), HOME, {"goal": "x"}, submitted=True)
    assert room.dispatcher.begins(back) is Begin.THINK
    assert room.dispatcher.begins(dataclasses.replace(back, submitted=False, can_ask=False)) is Begin.THINK


async def test_what_begins_as_a_form_is_a_form_also_with_an_empty_value(room: Talk) -> None:
    for action in ("note", "note:about=x", "note:about=x;text="):
        await room.press("ana", action)
        assert isinstance(room.views["ana"], Form), action


# --- forms lose nothing ---------------------------------------------------------------------------------------


async def submit(room: Talk, action: str, text: str, name: str = "ana") -> View:
    """Send the note form ``action`` with ``text``."""
    view = await room.dispatcher.press(action, room.who(name), HOME, {"text": text}, submitted=True)
    room.views[name] = view
    return view


REFUSED = (
    ("boom", "Something broke on our side (incident "),
    ("full", "The disk is full. Nothing was changed."),
    ("none", "There is no such note."),
)


async def test_a_form_that_goes_wrong_comes_back_and_opens_again_with_every_word(
    room: Talk, clock: MovedClock
) -> None:
    for word, reason in REFUSED:
        text = f"{word} ünï\n🦆 {SECRET}"
        with capture_logs() as entries:
            view = await submit(room, "note:about=x", text)
        assert isinstance(view, FormErrors) and view.errors[""].startswith(reason)
        assert (view.form.action, view.form.fields[0].value) == ("note:about=x", text)
        assert "Petronella" not in repr(entries)
        clock.advance(hours=23)
        await room.press("ana", "note:about=x")
        assert room.form("ana").fields[0].value == text
        for name, action in (("ana", "note"), ("ana", "note:about=y"), ("bea", "note:about=x")):
            await room.press(name, action)
            assert room.form(name).fields[0].value == "", "another thing's form, or another person's"
        clock.advance(hours=1, seconds=1)
        await room.press("ana", "note:about=x")
        assert room.form("ana").fields[0].value == "", "it is kept for a day"


async def test_a_form_that_is_taken_forgets_what_was_kept_of_it_and_of_nothing_else(room: Talk) -> None:
    with capture_logs():
        await submit(room, "note:about=x", "full of x")
        await submit(room, "note:about=y", "full of y")
    assert await submit(room, "note:about=x", "fine") == say("noted: fine")
    await room.press("ana", "note:about=x")
    assert room.form("ana").fields[0].value == ""
    await room.press("ana", "note:about=y")
    assert room.form("ana").fields[0].value == "full of y"
    await room("ana", "/note about: y text: typed", can_ask=True)
    await room.press("ana", "note:about=y")
    assert room.form("ana").fields[0].value == "full of y", "what is typed is no form that was sent"


async def test_a_form_sent_too_often_keeps_its_words_too(room: Talk) -> None:
    room.reconfigure(limits=Limits(commands_a_minute=1))
    await submit(room, "note", "one")
    view = await submit(room, "note", "two")
    assert isinstance(view, FormErrors) and view.errors[""].startswith("That was a lot at once.")
    assert view.form.fields[0].value == "two"


async def test_what_cannot_be_kept_is_handed_back_as_a_file(room: Talk) -> None:
    def words(view: View) -> list[str]:
        return [
            b.data.decode() for b in blocks_of(view) if isinstance(b, File) and b.name == "your-words.txt"
        ]

    gone = await submit(room, "note:about=gone", "none of it")
    assert as_text(gone).startswith("There is no such note.") and words(gone) == ["gone\n\nnone of it"]
    assert words(await submit(room, "note:about=d12", "none")) == [], "that one is kept"
    old = await submit(room, "old:about=x", SECRET)
    assert as_text(old).startswith("This button belongs to an older version") and words(old) == [SECRET]
    async with room.store.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE draft RENAME TO draft_elsewhere")
    with capture_logs() as entries:
        broken = await submit(room, "note", SECRET)
    assert as_text(broken).startswith("Something broke on our side") and words(broken) == [SECRET]
    assert "Petronella" not in repr(entries)


async def test_a_form_without_a_word_that_goes_wrong_is_not_asked_again(room: Talk) -> None:
    view = await room.dispatcher.press("full", room.who("ana"), HOME, {"text": " "}, submitted=True)
    assert view == say("The disk is full. Nothing was changed.")


# --- asides ---------------------------------------------------------------------------------------------------


async def test_what_could_not_be_told_stands_above_the_next_private_reply_once(room: Talk) -> None:
    await room("ana", "/note text: hello")
    person = await room.person("ana")
    async with room.store.write() as tx:
        await asides.add(tx, person.id, "Your reminder could not be delivered.", room.clock.now())
        await asides.add(tx, person.id, "x" * 600, room.clock.now())
    assert await room("bea", "/note text: hello") == "noted: hello"
    assert await room("ana", "/note text: all") == "noted: all", "not where others read it"
    assert await room("ana", "/public") == "", "nor under a public command"
    assert (await room("ana", "/note text: none")).startswith("There is no such note.")
    assert isinstance(await submit(room, "note", "none"), FormErrors)
    said = (await room("ana", "/note text: page")).split("\n\n")
    assert said[:3] == ["Your reminder could not be delivered.", "x" * 499 + "…", "one"]
    assert await room("ana", "/note text: hello") == "noted: hello"


async def test_an_aside_that_two_replies_would_show_is_shown_by_one(room: Talk) -> None:
    await room("ana", "/note text: hello")
    person = await room.person("ana")
    async with room.store.write() as tx:
        await asides.add(tx, person.id, "Something was missed.", room.clock.now())
    said = await asyncio.gather(*(room("ana", "/note text: hello") for _ in range(6)))
    assert sum("Something was missed." in s for s in said) == 1


# --- suggestions ----------------------------------------------------------------------------------------------


async def suggested(room: Talk, option: str, typed: str) -> list[tuple[str, str]]:
    command = room.app.registry["many"]
    found = command.option(option)
    assert found is not None
    choices = await room.dispatcher.suggest(command, found, typed, room.who("ana"), HOME)
    return [(c.label, c.value) for c in choices]


async def test_the_last_item_of_a_list_is_completed_and_the_whole_is_the_value(room: Talk) -> None:
    assert [value for _, value in await suggested(room, "tracks", "")] == [c.value for c in TRACKS]
    assert await suggested(room, "tracks", "Cod") == [("Coding", "coding")]
    assert await suggested(room, "tracks", "coding") == [("Coding", "coding")]
    assert await suggested(room, "tracks", " coding ,SYS") == [
        ("Coding, System design", "coding, system-design")
    ]
    following = await suggested(room, "tracks", "coding, ")
    assert [value for _, value in following] == [
        "coding, behavioural",
        "coding, system-design",
        "coding, long",
    ]
    assert following[2][0] == "…" + f"Coding, {TRACKS[3].label}"[-74:]
    assert await suggested(room, "tracks", "coding, nonsense") == []
    for label, value in following:
        assert len(label) <= 75
        assert await room("ana", f'/many tracks: "{value}"') == f"tracks={tuple(value.split(', '))}"


async def test_suggestions_fit_where_they_are_shown(room: Talk) -> None:
    found = await suggested(room, "about", "x")
    assert len(found) == 25 and found[0] == ("L" * 74 + "…", "long") and found[1] == ("x0", "0")


# --- presses ------------------------------------------------------------------------------------------------


PRESSES = (
    ("", "This button belongs to an older version"),
    ("story gone:id=5", "This button belongs to an older version"),
    ("practice:colour=red", "This button is not one of ours"),
    ("practice:coding", "This button is not one of ours"),
    ("practice:track=cooking", "“cooking” is no track."),
    ("withdraw:answer=1;sure=yes", "That answer is not there, or not yours."),
    ("withdraw:answer=999999999;sure=yes", "That answer is not there, or not yours."),
    ("withdraw:answer=9999999999", "“answer” has to be a whole number"),
    ("withdraw:answer=' OR 1=1", "“answer” has to be a whole number"),
    ("withdraw:sure=yes", "“answer:” is missing"),
    ("tick:answer=1;item=outline", "That answer is not there, or not yours."),
    ("outcome:answer=1;value=solved", "That answer is not there, or not yours."),
    ("outcome:answer=1;value=perfect", "“perfect” is no value."),
    ("answer:text=x;prompt=d99999999999", "There is no question “d99999999999” here"),
    ("answer:text=x;prompt=p0", "There is no question “p0” here"),
    ("drops remove:number=1;sure=yes", "“drops remove” is for the organisers"),
)


async def test_a_press_that_is_stale_foreign_or_made_up_does_nothing_and_says_so(talk: Talk) -> None:
    await talk("ana", f"/answer prompt: two-sum outcome: solved {SECRET}")
    before = await talk("ana", "/history")
    for action, says in PRESSES:
        said = await talk.press("bea", action, can_ask=False)
        assert said.startswith(says) and SECRET not in said, action
    assert await talk("ana", "/history") == before


async def test_a_button_of_a_drop_in_another_group_leads_nowhere(talk: Talk) -> None:
    await plan(talk, "behavioural")
    await talk("ana", "/today")
    handle = talk.buttons("ana")["Answer"].partition("prompt=")[2]
    said = await talk.press("zoe", f"answer:prompt={handle};text=x", where=ELSEWHERE)
    assert said.startswith(f"There is no question “{handle}” here")


# --- rates ----------------------------------------------------------------------------------------------------


async def test_a_person_who_asks_too_often_waits_and_is_told_how_long(room: Talk, clock: MovedClock) -> None:
    room.reconfigure(limits=Limits(commands_a_minute=3, home_commands_a_minute=100))
    for _ in range(3):
        assert await room("ana", "/member only") == ""
    assert await room("ana", "/member only") == "That was a lot at once. Please try again in 20 seconds."
    assert await room("ana", "/member only", direct=True) != "", (
        "it is the person who waits, wherever they ask"
    )
    assert await room("bea", "/member only") == ""
    clock.advance(20)
    assert await room("ana", "/member only") == ""
    assert await room("ana", "/member only") != ""


async def test_a_home_has_a_limit_of_its_own_and_direct_messages_have_none_but_the_person_s(
    room: Talk,
) -> None:
    room.reconfigure(limits=Limits(commands_a_minute=100, home_commands_a_minute=2))
    assert [await room(name, "/member only") == "" for name in ("ana", "bea", "cem")] == [True, True, False]
    assert await room("cem", "/organiser only", direct=True, organiser=True) != "That was a lot at once."
    assert "a lot at once" not in await room("ana", "/member only", direct=True)
    assert "a lot at once" not in await room("ana", "/member only", where=ELSEWHERE)


async def test_nobody_is_kept_waiting_at_the_console(room: Talk) -> None:
    room.reconfigure(limits=Limits(commands_a_minute=1, home_commands_a_minute=1))
    who, where = Who("console", "ana", "Ana"), Where("console", "console", "console")
    for _ in range(5):
        assert "a lot at once" not in as_text(await room.dispatcher.line("plan", who, where))


async def test_a_clock_that_steps_back_locks_nobody_out(clock: MovedClock) -> None:
    limiter = Limiter(2, 60)
    assert [limiter.wait("ana", clock.now()) for _ in range(3)] == [0, 0, 30]
    earlier = clock.now().replace(hour=clock.now().hour - 5)
    assert [limiter.wait("ana", earlier) for _ in range(3)] == [0, 0, 30]


async def test_the_limiter_forgets_who_has_long_stopped(clock: MovedClock) -> None:
    limiter = Limiter(30, 60)
    for n in range(10_001):
        assert limiter.wait(str(n), clock.now()) == 0
    clock.advance(minutes=5)
    assert limiter.wait("new", clock.now()) == 0
    assert len(limiter._full_at) == 1


# --- what goes wrong ------------------------------------------------------------------------------------------


async def test_a_handler_that_raises_is_an_incident_with_a_number_and_no_word_of_the_member(
    room: Talk,
) -> None:
    with capture_logs() as entries:
        said = await room("ana", f"/broken text: {SECRET}")
    number = re.search(r"\(incident ([0-9a-f]{6})\)", said)
    assert number is not None
    assert said == (
        f"Something broke on our side (incident {number[1]}). What was stored stays stored. Please try once more; if "
        "it happens again, tell whoever runs Starling here the number."
    )
    (entry,) = [e for e in entries if e["log_level"] == "error"]
    assert (entry["event"], entry["path"], entry["incident"]) == ("handler failed", "broken", number[1])
    assert "Petronella" not in repr(entries)
    with capture_logs():
        other = await room("ana", "/broken")
    assert number[1] not in other, "each has a number of its own"


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """What a running Starling would write to its log."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    root.handlers.clear()
    stream = io.StringIO()
    logs.setup("info", "json", service=True, stream=stream)
    yield stream
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.reset_defaults()


async def test_a_database_that_fails_is_an_incident_whose_log_holds_no_answer(
    talk: Talk, log_lines: io.StringIO
) -> None:
    async with talk.store.write() as tx:
        await tx.exec_driver_sql("ALTER TABLE answer RENAME TO answer_elsewhere")
    said = await talk("ana", f"/answer prompt: proud {SECRET} {story(300)}")
    assert said.startswith("Something broke on our side (incident ")
    written = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert [line["event"] for line in written] == ["handler failed"]
    assert written[0]["incident"] in said and "Petronella" not in log_lines.getvalue()


async def test_what_the_store_cannot_do_is_said_in_its_own_words(room: Talk) -> None:
    with capture_logs() as entries:
        assert await room("ana", "/full") == "The disk is full. Nothing was changed."
    assert [e["event"] for e in entries] == ["store"]


async def test_being_stopped_is_the_one_thing_that_passes_through(room: Talk) -> None:
    with pytest.raises(asyncio.CancelledError):
        await room("ana", "/cancelled")


async def test_many_at_once_are_answered_each(talk: Talk) -> None:
    await plan(talk, "behavioural")
    talk.reconfigure(limits=Limits(commands_a_minute=1000, home_commands_a_minute=1000))
    said = await asyncio.gather(
        *(talk(f"m{n % 5}", f"/answer prompt: proud {story(20 + n)}") for n in range(20))
    )
    assert all(s.startswith("Kept: your answer") for s in said)
    for n in range(5):
        assert "Your 4 answers" in await talk(f"m{n}", "/history")
    board = await talk("m0", "/leaderboard")
    assert len(re.findall(r"M\d +10$", board, re.MULTILINE)) == 5, (
        "the first answer of a day earns points once, however many come at once"
    )


# --- whatever comes -----------------------------------------------------------------------------------------

ALL = registry()
PATHS = st.sampled_from([c.path for c in ALL if c.path not in ("me forget", "me forget now")])
NAMES = st.sampled_from(sorted({o.name for c in ALL for o in c.options}))
VALUES = st.one_of(
    typed,
    st.sampled_from(
        ("1", "0", "-1", "999999999", "d1", "p1", "p99999999999", "yes", "all", "coding", "why", "21:00")
    ),
    st.sampled_from(
        ("Berlin", "mon-fri", "2027-01-31", "night/proud", "conflict", "%", "_", "\\", story(25))
    ),
)
LINES = st.one_of(
    typed,
    st.builds("{} {}".format, PATHS, typed),
    st.builds(
        lambda path, values: " ".join([path, *(f'{n}: "{v}"' for n, v in values.items())]),
        PATHS,
        st.dictionaries(NAMES, VALUES, max_size=3),
    ),
    st.builds(lambda path, texts: " ".join([path, *texts]), PATHS, st.lists(VALUES, max_size=3)),
    st.builds(
        lambda path, piece: f"{path} {piece * 3000}", PATHS, st.sampled_from(("word ", "🦆", "a:b ", "\x00x"))
    ),
)
PLACES = st.sampled_from(
    (HOME, DIRECT, ELSEWHERE, Where("slack", "T1", "C1"), Where("console", "console", "c"))
)
PEOPLE = st.sampled_from(
    (
        Who("test", "ana", "Ana"),
        Who("test", "bea", "\u202eBea\x1b[2J", organiser=True),
        Who("slack", "U1", "", workspace="T1"),
        Who("console", "x" * 60, "🦆" * 500, organiser=True),
    )
)


async def unharmed(talk: Talk, view: View) -> None:
    assert isinstance(view, (Message, Page, Form, FormErrors))
    text = as_text(view)
    assert "Traceback" not in text and "Something broke" not in text, text


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(LINES, PEOPLE, PLACES, st.booleans())
async def test_no_line_from_anybody_anywhere_breaks_anything(
    talk: Talk, line: str, who: Who, where: Where, can_ask: bool
) -> None:
    talk.reconfigure(limits=Limits(commands_a_minute=10**6, home_commands_a_minute=10**6))
    await unharmed(talk, await talk.dispatcher.line(line, who, where, can_ask=can_ask))


@settings(
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    PATHS,
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.dictionaries(
        NAMES, st.one_of(VALUES, st.integers(), st.booleans(), st.none(), st.binary()), max_size=3
    ),
    PEOPLE,
    PLACES,
    st.booleans(),
    st.booleans(),
)
async def test_no_press_and_no_form_from_anybody_anywhere_breaks_anything(
    talk: Talk,
    path: str,
    argument: dict[str, str],
    values: dict[str, object],
    who: Who,
    where: Where,
    can_ask: bool,
    submitted: bool,
) -> None:
    talk.reconfigure(limits=Limits(commands_a_minute=10**6, home_commands_a_minute=10**6))
    action = f"{path}:{';'.join(f'{n}={v}' for n, v in argument.items())}"
    view = await talk.dispatcher.press(action, who, where, values, can_ask=can_ask, submitted=submitted)
    await unharmed(talk, view)


# --- what only buttons and forms call -----------------------------------------------------------------------


async def test_what_cannot_be_typed_is_no_example(talk: Talk) -> None:
    said = await talk.press("ana", "tick:answer=x;item=y")
    assert "whole number" in said or "number" in said
    assert "For example" not in said
    assert "There is no command “tick" in await talk("ana", "/tick answer: 1 item: y")
