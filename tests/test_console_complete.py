"""Completion at a terminal: what is offered where."""

from __future__ import annotations

import pytest
from console_room import REGISTRY
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from adapters.console.complete import CommandCompleter, place
from core.call import Call
from core.commands import Command, Kind, Option, Registry
from core.views import Choice, View, say

EVENT = CompleteEvent(completion_requested=True)


def offered(typed: str, registry: Registry = REGISTRY) -> list[str]:
    """The lines that completion would make of ``typed``."""
    document = Document(typed)
    found = CommandCompleter(registry).get_completions(document, EVENT)
    return [typed[: len(typed) + c.start_position] + c.text for c in found]


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("/s", ["/streak "]),
        ("/REM", ["/remind set "]),
        ("/remind ", ["/remind set "]),
        ("/remind s", ["/remind set "]),
        ("/remind set", ["/remind set "]),
        ("/q", ["/quit"]),
        ("/zzz", []),
        ("/zzz ", []),
        ("", []),
        ("today", []),
        ("What I did /s", []),
    ],
)
def test_the_words_of_commands_are_completed(typed: str, lines: list[str]) -> None:
    assert offered(typed) == lines


def test_a_slash_alone_offers_everything_that_is_listed() -> None:
    assert offered("/") == [f"/{c.path} " for c in REGISTRY.listed()] + ["/quit", "/exit"]


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("/remind set ", ["/remind set time: ", "/remind set days: "]),
        ("/remind set d", ["/remind set days: "]),
        ("/remind set 21:00 ", ["/remind set 21:00 days: "]),
        ("/remind set days: mon, tue t", ["/remind set days: mon, tue time: "]),
        ("/remind set time: 9", []),
        ("/streak ", []),
        ("/answer ", ["/answer prompt: ", "/answer text: "]),
        ("/answer te", ["/answer text: "]),
        ("/answer text: te", []),
        ("/answer At my last job te", []),
        ("/answer prompt: d7 ", ["/answer prompt: d7 text: "]),
        ("/streak too much ", []),
    ],
)
def test_options_are_offered_where_one_may_begin(typed: str, lines: list[str]) -> None:
    assert offered(typed) == lines


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("/plan track: ", ["/plan track: behavioural", "/plan track: coding", "/plan track: system-design"]),
        ("/plan track:sys", ["/plan track:system-design"]),
        ("/plan track: Syst", ["/plan track: system-design"]),
        ("/plan goal: x levels: new, st", ["/plan goal: x levels: new, staff"]),
        ("/plan levels: new, ", [f"/plan levels: new, {v}" for v in ("new", "mid", "staff")]),
        ('/plan goal: "a new', []),
        ('/plan goal: "a new job" track: c', ['/plan goal: "a new job" track: coding']),
        ("/plan x co", ["/plan x coding"]),
        ("/plan track: coding", ["/plan track: coding"]),
    ],
)
def test_values_are_completed_from_the_choices(typed: str, lines: list[str]) -> None:
    assert offered(typed) == lines


def test_a_path_is_completed_from_the_disk(tmp_path: object) -> None:
    (tmp_path / "pack.toml").write_text("")  # type: ignore[operator]
    assert offered(f"/pack import file: {tmp_path}/pa") == [f"/pack import file: {tmp_path}/pack.toml"]


def test_each_completion_says_what_it_is() -> None:
    found = {
        c.text: c.display_meta_text for c in CommandCompleter(REGISTRY).get_completions(Document("/"), EVENT)
    }
    assert found["streak "] == "How long it goes on."
    assert found["quit"] == "leave the console"


async def _handler(call: Call) -> View:
    return say("Done.")


async def _suggest(call: Call, typed: str) -> tuple[Choice, ...]:
    raise AssertionError("asked through the suggester only")


async def test_values_that_only_the_store_knows_are_asked_for_and_quoted_where_they_have_blanks() -> None:
    option = Option("story", "Which story", suggest=_suggest)
    registry = Registry(
        [Command("cue", "A story's cue.", _handler, (option, Option("on", "Yes?", Kind.YESNO)))]
    )
    asked = []

    async def suggester(command: Command, option: Option, typed: str) -> tuple[Choice, ...]:
        asked.append((command.path, option.name, typed))
        return (Choice("The outage", "The outage"), Choice("Two teams", "teams"))

    completer = CommandCompleter(registry, suggester)
    found = [c.text async for c in completer.get_completions_async(Document('/cue story: "t'), EVENT)]
    assert found == ['"The outage"', "teams"]
    assert asked == [("cue", "story", "t")]
    assert [c.text async for c in completer.get_completions_async(Document("/cue on: "), EVENT)] == [
        "yes",
        "no",
    ]
    silent = CommandCompleter(registry)
    assert [c.text async for c in silent.get_completions_async(Document("/cue story: t"), EVENT)] == []


@pytest.mark.parametrize("command", [c for c in REGISTRY.listed() if c.options], ids=lambda c: c.path)
def test_no_beginning_of_a_line_breaks_completion(command: Command) -> None:
    line = f"/{command.path} " + " ".join(f'{o.name}: "x y", z,' for o in command.options)
    for end in range(len(line) + 1):
        place(REGISTRY, line[:end])
        offered(line[:end])
