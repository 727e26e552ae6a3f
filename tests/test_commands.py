"""Declaring commands: what some platform could not show is refused when the program starts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.call import Attachment, Call
from core.catalogue import registry
from core.commands import Allow, Begin, Command, Kind, Option, Registry, begin, check_declaration
from core.errors import DeclarationError
from core.forms import field_of
from core.kinds import example, read_value, sample
from core.parse import parse
from core.views import Choice, View, say

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALL = registry()


async def _nothing(call: Call) -> View:
    return say("Done.")


async def _suggest(call: Call, typed: str) -> tuple[Choice, ...]:
    return ()


def command(path: str = "story add", **changes: object) -> Command:
    return replace(Command(path, "Does something.", _nothing), **changes)  # type: ignore[arg-type]


def option(name: str = "title", **changes: object) -> Option:
    return replace(Option(name, "What it is for"), **changes)  # type: ignore[arg-type]


def options(count: int) -> tuple[Option, ...]:
    return tuple(option(f"o{n}") for n in range(count))


def choices(count: int, **changes: str) -> tuple[Choice, ...]:
    return tuple(replace(Choice(f"Label {n}", f"value-{n}"), **changes) for n in range(count))


def chosen(count: int = 2, **changes: object) -> Option:
    return option(**{"kind": Kind.CHOICE, "choices": choices(count), **changes})


# --- limits, at and over ----------------------------------------------------------------------------

AT = {
    "a path of one word": command("today"),
    "a path of three words": command("a b c"),
    "a name of 32 characters": command("x" * 32),
    "a name with digits, hyphen and underscore": command("2nd_try-on"),
    "a help of 100 characters": command(help="h" * 100),
    "25 options": command(options=options(25)),
    "an option name of 32 characters": command(options=(option("n" * 32),)),
    "an option help of 100 characters": command(options=(option(help="h" * 100),)),
    "25 choices": command(options=(chosen(25),)),
    "a choice of 75 characters": command(
        options=(option(kind=Kind.CHOICE, choices=choices(1, label="l" * 75, value="v" * 75)),)
    ),
    "a message action of 32 characters": command(message_action="m" * 32),
    "suggestions": command(options=(option(suggest=_suggest),)),
    "several of some choices": command(options=(chosen(kind=Kind.MANY),)),
    "a text at the end": command(options=(option("a"), option("b", kind=Kind.LONG))),
    "a named option after the text at the end": command(
        options=(
            option("b", kind=Kind.LONG),
            option("a", named=True),
            option("c", kind=Kind.LONG, named=True),
        )
    ),
}

OVER = {
    "an empty path": (command(""), "the path is empty"),
    "a path of four words": (command("a b c d"), "at most 3 words"),
    "a name of 33 characters": (command("x" * 33), "is no name"),
    "a name in capitals": (command("Story"), "is no name"),
    "a name with a colon": (command("story:add"), "is no name"),
    "a name in another script": (command("история"), "is no name"),
    "no help": (command(help=""), "its help has to have 1 to 100 characters"),
    "a help of 101 characters": (command(help="h" * 101), "its help has to have 1 to 100 characters"),
    "26 options": (command(options=options(26)), "more than 25 options"),
    "two options of one name": (command(options=(option(), option())), "two options have one name"),
    "an option name of 33 characters": (command(options=(option("n" * 33),)), "is no option name"),
    "an option without help": (command(options=(option(help=""),)), "its help has to have"),
    "an option help of 101 characters": (command(options=(option(help="h" * 101),)), "its help has to have"),
    "26 choices": (command(options=(chosen(26),)), "more than 25 choices"),
    "a choice label of 76 characters": (
        command(options=(option(kind=Kind.CHOICE, choices=choices(1, label="l" * 76)),)),
        "1 to 75 characters",
    ),
    "a choice value of 76 characters": (
        command(options=(option(kind=Kind.CHOICE, choices=choices(1, value="v" * 76)),)),
        "1 to 75 characters",
    ),
    "a choice without a label": (
        command(options=(option(kind=Kind.CHOICE, choices=choices(1, label="")),)),
        "1 to 75 characters",
    ),
    "choices and suggestions": (command(options=(chosen(suggest=_suggest),)), "has choices and suggestions"),
    "a choice of nothing": (command(options=(option(kind=Kind.CHOICE),)), "choices go with the kinds"),
    "choices of a number": (command(options=(chosen(kind=Kind.NUMBER),)), "choices go with the kinds"),
    "a message action of 33 characters": (command(message_action="m" * 33), "message_action is over 32"),
    "two texts that take the rest": (
        command(options=(option("a", kind=Kind.LONG), option("b", kind=Kind.LONG))),
        "only one option can take the rest",
    ),
    "something after the text that takes the rest": (
        command(options=(option("a", kind=Kind.LONG), option("b"))),
        "comes last",
    ),
}


@pytest.mark.parametrize("name", AT)
def test_what_every_platform_can_show_is_taken(name: str) -> None:
    check_declaration(AT[name])
    assert [c.path for c in Registry([AT[name]])] == [AT[name].path]


@pytest.mark.parametrize("name", OVER)
def test_what_some_platform_cannot_show_is_refused_by_name(name: str) -> None:
    wrong, why = OVER[name]
    with pytest.raises(DeclarationError) as raised:
        check_declaration(wrong)
    assert raised.value.message.startswith(f"command “{wrong.path}")
    assert why in raised.value.message


def test_the_texts_of_one_top_level_command_have_at_most_8000_characters_together() -> None:
    def heavy(name: str, help_: str) -> Option:
        longest = tuple(Choice(f"{n:075}", f"{n:075}") for n in range(25))  # 3,750 characters
        return Option(name, help_, Kind.CHOICE, choices=longest)

    first = command("big one", help="h", options=(heavy("a", "h"),))  # 3 + 3 + 1 + 3,750 + 1 + 1
    rest = (heavy("a", "h"), option("b", help="h" * 99), option("c", help="h" * 99))
    second = command("big two", help="h" * 100, options=rest)  # 3 + 3 + 100 + 3,752 + 2 * 100
    third = command("big end", help="h" * 77)  # and up to 100 for the group's own description
    Registry([first, second, third, replace(first, path="other one")])
    with pytest.raises(DeclarationError, match="“big”: names, helps and choices together are over 8000"):
        Registry([first, second, replace(third, help="h" * 78)])


# --- the tree ----------------------------------------------------------------------------------------


def test_a_group_has_at_most_25_subcommands_at_each_depth() -> None:
    assert len(list(Registry(command(f"story s{n}") for n in range(25)))) == 25
    for stem in ("story", "story deep"):
        with pytest.raises(DeclarationError, match=f"“{stem}”: more than 25 subcommands"):
            Registry(command(f"{stem} s{n}") for n in range(26))


def test_there_are_at_most_100_top_level_commands() -> None:
    assert len(list(Registry(command(f"c{n}") for n in range(100)))) == 100
    with pytest.raises(DeclarationError, match="more than 100 top-level"):
        Registry(command(f"c{n}") for n in range(101))


def test_there_are_at_most_15_message_actions_and_each_has_a_name_of_its_own() -> None:
    some = [command(f"c{n}", message_action=f"Do {n}", listed=n % 2 == 0) for n in range(16)]
    Registry(some[:15])
    with pytest.raises(DeclarationError, match="more than 15 message actions"):
        Registry(some)
    with pytest.raises(DeclarationError, match="two commands have one message_action"):
        Registry([some[0], replace(some[1], message_action="Do 0")])


@pytest.mark.parametrize("pair", [("story", "story add"), ("story add", "story"), ("a b", "a b c")])
def test_a_command_is_no_beginning_of_another_because_a_group_cannot_be_invoked(
    pair: tuple[str, str],
) -> None:
    with pytest.raises(DeclarationError, match="Discord cannot invoke a group"):
        Registry(command(path) for path in pair)


def test_words_that_only_begin_alike_are_two_commands_and_buttons_may_have_any_path() -> None:
    Registry([command("remind"), command("reminder set")])
    Registry([command("me leave"), command("me leave now", listed=False)])


def test_adding_is_all_or_nothing() -> None:
    found = Registry([command("today")])
    for wrong in (command("today"), command("today later"), command("x" * 40)):
        with pytest.raises(DeclarationError):
            found.add(command("streak"), wrong)
        assert [c.path for c in found] == ["today"]
        assert "streak" not in found and found.get("streak") is None
    found.add(command("streak"))
    assert [c.path for c in found.listed()] == ["today", "streak"]


# --- finding ----------------------------------------------------------------------------------------

FINDING = Registry(
    [
        *(command(p) for p in ("help", "today", "practice", "answer", "history", "streak", "leaderboard")),
        *(command(p) for p in ("remind set", "remind off", "remind show", "story add", "story list")),
        command("guided", listed=False, example="guided"),
        command("tick", listed=False),
        command("remind off now", listed=False),
    ]
)


@pytest.mark.parametrize(
    ("words", "path", "taken"),
    [
        ("today", "today", 1),
        ("TODAY now", "today", 1),
        ("Remind Set 21:00", "remind set", 2),
        ("story add a", "story add", 2),
        ("guided", "guided", 1),
        ("remind off now", "remind off", 2),
    ],
)
def test_the_longest_path_is_found_in_any_case(words: str, path: str, taken: int) -> None:
    found = FINDING.longest(words.split())
    assert found is not None and (found[0].path, found[1]) == (path, taken)


@pytest.mark.parametrize("words", ["", "remind", "set", "todayy", "remind sett 9", "tick", "TICK 1"])
def test_words_that_begin_no_command_find_none(words: str) -> None:
    assert FINDING.longest(words.split()) is None


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("tody", "today"),
        ("streek", "streak"),
        ("pratice coding", "practice"),
        ("leader", "leaderboard"),
        ("REMIND SETT", "remind set"),
        ("rem", "remind set"),
        ("storry add", "story add"),
        ("anwser my last job", "answer"),
    ],
)
def test_a_typo_finds_the_nearest_command_first(typed: str, nearest: str) -> None:
    assert FINDING.nearest(typed)[0].path == nearest


@pytest.mark.parametrize("typed", ["", "x", "xyzzy", "guide", "你好", "q" * 10_000])
def test_what_is_like_nothing_finds_nothing(typed: str) -> None:
    assert FINDING.nearest(typed) == []


def test_a_group_lists_what_stands_below_it() -> None:
    assert [c.path for c in FINDING.below("remind")] == ["remind set", "remind off", "remind show"]
    assert FINDING.below("today") == FINDING.below("nothing") == []


# --- beginning ----------------------------------------------------------------------------------------

NEEDS = command(options=(option("a", required=True), option("b"), option("c", required=True, asked=True)))


@pytest.mark.parametrize(
    ("made", "given", "begins"),
    [
        (command(), (), Begin.REPLY),
        (command(slow=True), (), Begin.THINK),
        (NEEDS, (), Begin.FORM),
        (NEEDS, ("a",), Begin.FORM),
        (NEEDS, ("a", "b"), Begin.FORM),
        (NEEDS, ("a", "c"), Begin.REPLY),
        (replace(NEEDS, slow=True), ("b", "c"), Begin.FORM),
        (replace(NEEDS, slow=True), ("c", "a"), Begin.THINK),
        (NEEDS, ("a", "c", "x"), Begin.REPLY),
    ],
)
def test_how_a_command_begins_depends_on_the_options_given_alone(
    made: Command, given: tuple[str, ...], begins: Begin
) -> None:
    assert begin(made, given) is begin(made, iter(given)) is begins


def test_usage_shows_what_may_be_left_out_in_brackets() -> None:
    made = command(options=(option("time", required=True), option("days"), option("text", kind=Kind.LONG)))
    assert made.usage() == "story add time: ... [days: ...] [text]"


# --- every command there is ----------------------------------------------------------------------------


def each() -> Iterator[Command]:
    return iter(ALL)


def test_all_commands_fit_discord_and_slack() -> None:
    """The limits once more, out of the references and not out of our own constants."""
    tops: dict[str, int] = {}
    for one in each():
        check_declaration(one)
        assert re.fullmatch(r"[-_a-z0-9]{1,32}( [-_a-z0-9]{1,32}){0,2}", one.path)
        if one.listed:
            tops[one.words[0]] = tops.get(one.words[0], 0) + len(one.words[-1]) + len(one.help)
        for o in one.options:
            assert re.fullmatch(r"[-_a-z0-9]{1,32}", o.name) and 1 <= len(o.help) <= 100
            assert len(o.choices) <= 25
            assert len({c.value for c in o.choices}) == len({c.label for c in o.choices}) == len(o.choices)
            tops[one.words[0]] = tops.get(one.words[0], 0) + sum(
                map(len, (o.name, o.help, *(t for c in o.choices for t in (c.label, c.value))))
            )
    assert max(tops.values()) <= 8000 and len(tops) <= 100
    assert len([c for c in each() if c.message_action]) <= 15, "Discord: message commands an application"


@pytest.mark.parametrize("path", [c.path for c in ALL])
def test_its_form_fits_a_modal(path: str) -> None:
    """Discord's is the narrower one: 5 components, labels of 45, descriptions of 100 characters."""
    one = ALL[path]
    if one.form is None and any(o.required for o in one.options):
        assert sum(o.required for o in one.options) <= 5
    for o in one.options:
        made = field_of(o)
        assert 1 <= len(made.label) <= 45 and len(made.hint) <= 100
        assert made.kind not in ("choice", "many") or 1 <= len(made.choices) <= 25


@pytest.mark.parametrize("path", [c.path for c in ALL.listed()])
def test_its_help_is_a_sentence_and_its_options_are_explained(path: str) -> None:
    one = ALL[path]
    assert one.help[0].isupper() and one.help.endswith(".")
    assert all(o.help[0].isupper() or o.help.split()[0].rstrip(",").islower() for o in one.options)
    assert one.area in ("practice", "mine", "group", "organise")
    assert one.allow is not Allow.ORGANISER or one.area == "organise"
    assert one.usage().startswith(path)


@pytest.mark.parametrize("path", [c.path for c in ALL])
def test_it_begins_with_only_its_required_options_and_nothing_opens_a_form_then(path: str) -> None:
    one = ALL[path]
    required = [o.name for o in one.options if o.required]
    assert begin(one, required) is not Begin.FORM
    assert begin(one, ()) is (Begin.FORM if required else begin(one, required))


@pytest.mark.parametrize("path", [c.path for c in ALL])
def test_its_examples_parse_and_their_values_are_accepted(path: str) -> None:
    one = ALL[path]
    # What only buttons and forms call is read here as if it could be typed: forms say what was wrong by the same road.
    known = ALL if one.typed else Registry([replace(one, listed=True)])
    for text in {one.example or path, example(one), *(example(one, o) for o in one.options)}:
        parsed = parse(known, text)
        assert parsed.command.path == path, text
        for name, raw in parsed.values.items():
            o = one.option(name)
            assert o is not None
            read_value(one, o, Attachment(raw, b"") if o.kind is Kind.FILE else raw, NOW)
        missing = [o.name for o in one.options if o.required and o.name not in parsed.values]
        assert not missing or text == path, text


@pytest.mark.parametrize("path", [c.path for c in ALL])
def test_each_choice_is_read_by_value_label_and_whatever_case(path: str) -> None:
    one = ALL[path]
    for o in one.options:
        for choice in o.choices:
            wanted: object = (choice.value,) if o.kind is Kind.MANY else choice.value
            for raw in (choice.value, choice.label, choice.value.upper(), choice.label.lower()):
                assert read_value(one, o, raw, NOW) == wanted


def test_samples_are_values_that_their_options_take() -> None:
    for o in (
        option(kind=Kind.NUMBER, least=10),
        option(kind=Kind.NUMBER, most=2),
        option(kind=Kind.NUMBER, least=-5, most=-2),
        option(least=30),
        option(most=3),
        option(kind=Kind.LONG, most=7),
        option(least=18, most=18),
        option(kind=Kind.LONG, least=3, most=3),
        option(kind=Kind.LONG, least=50),
    ):
        one = command(options=(o,))
        assert str(read_value(one, o, sample(o), NOW)) == sample(o), o


def test_a_command_is_data_and_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ALL["today"].help = "x"  # type: ignore[misc]
