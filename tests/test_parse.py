"""The grammar of docs/commands.md, sentence by sentence; and that no line whatever breaks the parser."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NASTY, typed, words_of

from core.call import Call
from core.catalogue import registry
from core.commands import ACTION_LIMIT, Command, Kind, Option, Registry
from core.errors import BadOption, UnknownCommand, UsageError
from core.parse import LINE_LIMIT, action_id, parse, parse_action
from core.views import Choice, View, say


async def _nothing(call: Call) -> View:
    return say("Done.")


TRACKS = tuple(Choice(t.capitalize(), t) for t in ("coding", "ask", "company"))
ROOM = Registry(
    [
        Command("today", "The open questions.", _nothing),
        Command("streak", "Your streak.", _nothing, (Option("view", "Which"),)),
        Command(
            "answer",
            "Answer a question.",
            _nothing,
            (
                Option("prompt", "Which question", named=True),
                Option("more", "The rest", Kind.LONG, named=True),
                Option("text", "Your answer", Kind.LONG, required=True),
            ),
            example="answer At my last job ...",
        ),
        Command(
            "remind set",
            "A question a day.",
            _nothing,
            (
                Option("time", "When", Kind.TIME, required=True),
                Option("zone", "Where", Kind.ZONE),
                Option("days", "On which days", Kind.DAYS),
                Option("tracks", "Of which kinds", Kind.MANY, choices=TRACKS),
            ),
            example="remind set time: 21:00",
        ),
        Command("remind off", "No more.", _nothing),
        Command("note add", "Keep a note.", _nothing, (Option("title", "T"), Option("text", "N", Kind.LONG))),
    ]
)


def read(line: str) -> tuple[str, dict[str, str]]:
    parsed = parse(ROOM, line)
    return parsed.command.path, parsed.values


def refused(line: str) -> UsageError:
    with pytest.raises(UsageError) as raised:
        parse(ROOM, line)
    return raised.value


# --- sentence by sentence --------------------------------------------------------------------------------

GRAMMAR: dict[str, list[tuple[str, str, dict[str, str]]]] = {
    "the longest matching path comes first, in any case and with any blanks": [
        ("today", "today", {}),
        ("  Today ", "today", {}),
        ("remind   SET\n21:00", "remind set", {"time": "21:00"}),
        ("remind off", "remind off", {}),
        ("note add x", "note add", {"title": "x"}),
        ("\u200b\ufefftoday", "today", {}),
        ("\u200b remind\u200b \u2060 set time: 9", "remind set", {"time": "9"}),
    ],
    "options are named, in any order": [
        ("remind set time: 21:00 zone: Berlin", "remind set", {"time": "21:00", "zone": "Berlin"}),
        ("remind set zone: Berlin time: 21:00", "remind set", {"zone": "Berlin", "time": "21:00"}),
        ("answer prompt: d1 text: Well.", "answer", {"prompt": "d1", "text": "Well."}),
        ("answer prompt: d1 Well.", "answer", {"prompt": "d1", "text": "Well."}),
        ("remind set TIME: 21:00", "remind set", {"time": "21:00"}),
        ("remind set time：21:00", "remind set", {"time": "21:00"}),
    ],
    "name:value without the blank works too": [
        ("remind set time:21:00 zone:Berlin", "remind set", {"time": "21:00", "zone": "Berlin"}),
        ("answer text:Well, I did.", "answer", {"text": "Well, I did."}),
        ("streak view:why", "streak", {"view": "why"}),
    ],
    "quotes hold a value with blanks, whichever quotes": [
        ('remind set zone: "New York" time: 9', "remind set", {"zone": "New York", "time": "9"}),
        ("remind set zone: “New York” time: 9", "remind set", {"zone": "New York", "time": "9"}),
        ("remind set zone: „New York“ time: 9", "remind set", {"zone": "New York", "time": "9"}),
        ("remind set zone: «New York» time: 9", "remind set", {"zone": "New York", "time": "9"}),
        ('remind set zone:"New York"', "remind set", {"zone": "New York"}),
        ('note add "my title" and words', "note add", {"title": "my title", "text": "and words"}),
        ('note add title: "time: 5" x', "note add", {"title": "time: 5", "text": "x"}),
        ('note add title: "" x', "note add", {"title": "", "text": "x"}),
        ('answer "All of it."', "answer", {"text": "All of it."}),
        ('answer text: “All of it.”', "answer", {"text": "All of it."}),
        ('answer "Yes", she said, "now"', "answer", {"text": '"Yes", she said, "now"'}),
        ('answer He said "no', "answer", {"text": 'He said "no'}),
        ('answer "no', "answer", {"text": '"no'}),
    ],
    "without names, values go to the options in their order": [
        ("remind set 21:00", "remind set", {"time": "21:00"}),
        ("remind set 21:00 Berlin mon-fri", "remind set", {"time": "21:00", "zone": "Berlin", "days": "mon-fri"}),
        ("remind set zone: Berlin 21:00 mon", "remind set", {"zone": "Berlin", "time": "21:00", "days": "mon"}),
        ("remind set 21:00 days: mon", "remind set", {"time": "21:00", "days": "mon"}),
        ("note add one two three", "note add", {"title": "one", "text": "two three"}),
        ("note add https://example.org/a?b=c:d", "note add", {"title": "https://example.org/a?b=c:d"}),
    ],
    "a trailing text takes the rest of the line": [
        ("answer At my last job ...", "answer", {"text": "At my last job ..."}),
        ("answer text: At my last job ...", "answer", {"text": "At my last job ..."}),
        ("answer text:\n\n  At my last job ...\n", "answer", {"text": "At my last job ..."}),
        ("note add text: one title: two", "note add", {"text": "one title: two"}),
    ],
    "names are words once it has begun": [
        ("answer We met at time: 5 text: no", "answer", {"text": "We met at time: 5 text: no"}),
        ("answer text: prompt: d1 more: x", "answer", {"text": "prompt: d1 more: x"}),
        ("answer Well, prompt: d1", "answer", {"text": "Well, prompt: d1"}),
        ("answer Situation: we were late.", "answer", {"text": "Situation: we were late."}),
        ("answer txet: hello", "answer", {"text": "txet: hello"}),
        ("answer https://example.org is it", "answer", {"text": "https://example.org is it"}),
    ],
    "line ends in a trailing text are kept": [
        ("answer One.\nTwo.\r\n\r\n  Three.", "answer", {"text": "One.\nTwo.\r\n\r\n  Three."}),
        ("answer\nOne.\nTwo.", "answer", {"text": "One.\nTwo."}),
        ("answer prompt: d1\nOne.\nTwo.", "answer", {"prompt": "d1", "text": "One.\nTwo."}),
    ],
    "a comma carries a list on to the next word": [
        ("remind set 9:00 days: mon, tue, wed", "remind set", {"time": "9:00", "days": "mon, tue, wed"}),
        (
            "remind set days: mon, tue time: 9:00 tracks: coding, ask",
            "remind set",
            {"days": "mon, tue", "time": "9:00", "tracks": "coding, ask"},
        ),
        ("remind set days: mon,tue time: 9:00", "remind set", {"days": "mon,tue", "time": "9:00"}),
        ("remind set days: mon, time: 9:00", "remind set", {"days": "mon,", "time": "9:00"}),
    ],
    "a long option that is named only takes one word or what stands in quotes": [
        ('answer more: "and so on" text: first', "answer", {"more": "and so on", "text": "first"}),
        ("answer more: b a", "answer", {"more": "b", "text": "a"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "path", "values"),
    [pytest.param(*case, id=f"{rule}: {case[0]}") for rule, cases in GRAMMAR.items() for case in cases],
)
def test_the_grammar(line: str, path: str, values: dict[str, str]) -> None:
    assert read(line) == (path, values)


# --- refusals --------------------------------------------------------------------------------------------

REFUSALS: list[tuple[str, type[UsageError], str, str | None]] = [
    # the line, the kind of error, its message, its example
    ("", UnknownCommand, "That was an empty command.", "help"),
    (" \n\t", UnknownCommand, "That was an empty command.", "help"),
    ("\u200b", UnknownCommand, "That was an empty command.", "help"),
    ("tody", UnknownCommand, "There is no command “tody”. Did you mean “today”?", "today"),
    (
        "anwser at my last job I did a great deal of work",
        UnknownCommand,
        "There is no command “anwser at my last job I did a…”. Did you mean “answer”?",
        "answer At my last job ...",
    ),
    ("xyzzy", UnknownCommand, "There is no command “xyzzy”. “help” lists what can be done here.", "help"),
    (
        "remind",
        UnknownCommand,
        "“remind” needs a second word. There are: remind set, remind off.",
        "remind set time: 21:00",
    ),
    ("NOTE plus x", UnknownCommand, "“note” needs a second word. There are: note add.", "note add"),
    (
        "remind set tmie: 9:00",
        BadOption,
        "“remind set” has no option “tmie:”. Did you mean “time:”?",
        "remind set time: 21:00",
    ),
    (
        "remind set 9:00 dayz:mon",
        BadOption,
        "“remind set” has no option “dayz:”. Did you mean “days:”?",
        "remind set time: 21:00 days: mon-fri",
    ),
    (
        "streak colour: red",
        BadOption,
        "“streak” has no option “colour:”. It takes view:.",
        "streak",
    ),
    ("today now: 5", BadOption, "“today” has no option “now:”. It takes no options.", "today"),
    ("today please", BadOption, "“please” is too much: today takes no options.", "today"),
    (
        "remind set 1 2 3 4 5",
        BadOption,
        "“5” is too much: remind set takes time:, zone:, days:, tracks:.",
        "remind set time: 21:00",
    ),
    (
        "remind set time: 9:00 time: 10:00",
        BadOption,
        "“time:” is given twice. Say it once.",
        "remind set time: 21:00",
    ),
    (
        "answer prompt: a prompt: b Well.",
        BadOption,
        "“prompt:” is given twice. Say it once.",
        "answer prompt: words text: At my last job I ...",
    ),
    ("remind set time:", BadOption, "“time:” has no value.", "remind set time: 21:00"),
    (
        'remind set zone: "New York time: 9',
        BadOption,
        "The quote that opens at “"+'"New York time: 9'+"” is never closed.",
        "remind set time: 21:00 zone: Europe/Berlin",
    ),
    ("note add “unclosed", BadOption, "The quote that opens at ““unclosed” is never closed.", "note add title: words"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "kind", "message", "shown"), REFUSALS, ids=[r[0] or "empty" for r in REFUSALS]
)
def test_what_cannot_be_read_says_what_would_be_right(
    line: str, kind: type[UsageError], message: str, shown: str | None
) -> None:
    error = refused(line)
    assert type(error) is kind
    assert (error.message, error.example) == (message, shown)
    if error.example and error.example != "help":
        parse(ROOM, error.example)


def test_a_wrong_command_can_be_put_right_with_one_press() -> None:
    assert refused("streek view: why").choices == (("streak", "streak"),)


def test_a_line_of_100_kilobytes_is_refused_whole_and_at_once() -> None:
    begun = time.process_time()
    error = refused("answer " + "word " * 20_000)
    assert error.message == "That line has 100,007 characters; 50,000 is the most. Nothing was stored."
    assert len(read("answer " + "x" * (LINE_LIMIT - 7))[1]["text"]) == LINE_LIMIT - 7, (
        "nothing is cut in silence"
    )
    for piece in ("x", "x ", "a: ", '"', ", ", "remind set ", "\n", "：", "“"):
        line = (piece * LINE_LIMIT)[:LINE_LIMIT]
        for start in ("", "answer ", "remind set time: ", "note add "):
            try:
                parse(ROOM, (start + line)[:LINE_LIMIT])
            except UsageError as error:
                assert len(error.message) < 400
    assert time.process_time() - begun < 5


# --- what only buttons and forms call ---------------------------------------------------------------

KNOWN = registry()
BY_PRESS_ALONE = sorted(c.path for c in KNOWN if not c.typed)


def test_what_people_are_told_to_type_can_be_typed_and_nothing_else_that_is_unlisted() -> None:
    assert {c.path for c in KNOWN if c.typed and not c.listed} == {
        "guided", "clarify", "coach", "correct", "share", "shared", "revise", "withdraw",
        "review write", "review withdraw", "review checklist",
    }  # fmt: skip
    assert {"heard", "count", "tick", "nothing", "use", "me leave now", "home", "menu"} <= set(BY_PRESS_ALONE)


@pytest.mark.parametrize("path", BY_PRESS_ALONE)
def test_a_typed_line_never_reaches_what_only_buttons_and_forms_call(path: str) -> None:
    options = " ".join(f"{o.name}: 1" for o in KNOWN[path].options)
    for line in (path, path.upper(), f"{path} {options}", f"  {path}\n1"):
        try:
            found = parse(KNOWN, line).command
        except UsageError as error:
            assert path not in {action for _, action in error.choices}
            assert not (error.example or "").startswith(f"{path} ")
        else:
            assert found.listed and path.startswith(f"{found.path} ")
    assert parse_action(KNOWN, path).command.path == path


def test_hidden_words_are_as_unknown_as_any_other() -> None:
    with pytest.raises(UnknownCommand, match=r"There is no command “heard message:1 text:x”|“heard”"):
        parse(KNOWN, "heard message:1 text:x")


# --- for all lines ----------------------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from(
        ("today", "streak", "answer", "remind", "set", "off", "note", "add", "time:", "zone:", "days:", "text:",
         "prompt:", "title:", "view:", "more:", "nope:", "21:00", "mon,", '"', "“", "”", "„", "«", "»", "\n", " ", ":")
    ),
    words_of,
    st.sampled_from(NASTY),
)  # fmt: skip
LINES = st.one_of(
    typed, st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join), st.lists(PIECES).map("\n".join)
)
FULL = registry()


@settings(deadline=None, max_examples=150)
@given(LINES)
def test_any_line_is_read_or_refused_in_words(line: str) -> None:
    for known in (ROOM, FULL):
        try:
            parsed = parse(known, line)
        except UsageError as error:
            assert error.message and (error.message[-1] in ".?" or "There are: " in error.message)
        else:
            assert all(parsed.command.option(name) is not None for name in parsed.values)


@settings(deadline=None)
@given(st.one_of(typed, st.lists(PIECES | st.sampled_from((";", "=", ":"))).map("".join)))
def test_any_action_is_read_or_refused_in_words(action: str) -> None:
    try:
        parsed = parse_action(FULL, action)
    except UnknownCommand as error:
        assert "Ask again and use the new one." in error.message
    else:
        assert FULL.get(parsed.command.path) is parsed.command


VALUES = st.text(st.characters(exclude_characters='"', exclude_categories=("Cs",)), max_size=30)


@settings(deadline=None)
@given(
    st.permutations(("time", "zone", "days", "tracks")),
    st.lists(VALUES, min_size=4, max_size=4),
    st.integers(0, 4),
    st.sampled_from((": ", ":", ":\n")),
)
def test_values_written_back_with_names_and_quotes_are_read_back(
    order: list[str], values: list[str], count: int, joint: str
) -> None:
    given_ = dict(list(zip(order, values, strict=True))[:count])
    line = " ".join(["remind set", *(f'{name}{joint}"{value}"' for name, value in given_.items())])
    assert read(line) == ("remind set", given_)


@settings(deadline=None)
@given(VALUES, VALUES.map(str.strip))
def test_a_trailing_text_written_back_in_quotes_is_read_back(prompt: str, text: str) -> None:
    assert read(f'answer prompt: "{prompt}" text: "{text}"') == ("answer", {"prompt": prompt, "text": text})


@settings(deadline=None)
@given(words_of, st.lists(words_of, min_size=1))
def test_named_or_not_a_trailing_text_is_the_same(first: str, more: list[str]) -> None:
    text = " ".join([first, *more])
    assert read(f"answer {text}") == read(f"answer text: {text}") == ("answer", {"text": text})


# --- actions ----------------------------------------------------------------------------------------


def test_an_action_carries_values_and_comes_back() -> None:
    action = action_id("remind set", time="21:00", zone="Europe/Berlin")
    assert action == "remind set:time=21:00;zone=Europe/Berlin"
    parsed = parse_action(ROOM, action)
    assert (parsed.command.path, parsed.values) == ("remind set", {"time": "21:00", "zone": "Europe/Berlin"})
    assert parse_action(ROOM, "today").values == parse_action(ROOM, "today:").values == {}
    assert parse_action(ROOM, "streak:view=a=b").values == {"view": "a=b"}


def test_an_action_too_long_for_a_button_is_a_defect_found_where_it_is_made() -> None:
    assert len(action_id("streak", view="v" * (ACTION_LIMIT - 12))) == ACTION_LIMIT
    with pytest.raises(ValueError, match="action over 100 characters"):
        action_id("streak", view="v" * (ACTION_LIMIT - 11))


@pytest.mark.parametrize(
    "action",
    ["", "tody", "Today", "today ", "streak:why", "streak:colour=red", "streak:=", "remind", "story add:x=1"],
)
def test_a_button_that_is_none_of_ours_or_an_old_one_says_so(action: str) -> None:
    with pytest.raises(UnknownCommand, match="Ask again and use the new one"):
        parse_action(ROOM, action)
