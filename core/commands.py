"""A command is declared once, as data; each platform renders the declaration its own way.

Limits of the platforms are checked where a command is declared, so that a mistake shows when the program
starts and not when somebody presses a button. Sources of the limits: Discord's application-command and
component reference, Slack's Block Kit reference.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from core.errors import DeclarationError
from core.views import Choice, Form, View

if TYPE_CHECKING:
    from core.call import Call

Handler = Callable[["Call"], Awaitable[View]]
FormMaker = Callable[["Call"], Awaitable[Form]]
Together = Callable[[Mapping[str, object]], Mapping[str, str]]
Suggest = Callable[["Call", str], Awaitable[tuple[Choice, ...]]]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
NAME_LIMIT = 32  # Discord: command, group and option names, lower case
HELP_LIMIT = 100  # Discord: descriptions
OPTION_LIMIT = 25  # Discord: options a command
CHOICE_LIMIT = 25  # Discord: choices an option; options of a select on Discord (Slack: 100)
CHOICE_LABEL_LIMIT = 75  # Slack: text of an option (Discord: 100)
SUBCOMMAND_LIMIT = 25  # Discord: subcommands a group
TOP_LIMIT = 100  # Discord: slash commands an application
ACTIONS_LIMIT = 15  # Discord: message actions an application
DEPTH_LIMIT = 3  # Discord: command, group, subcommand
TOTAL_LIMIT = 8000  # Discord: characters of names, descriptions and choices in one top-level command
ACTION_LIMIT = 100  # Discord: custom_id (Slack: action_id 255)
FORM_FIELD_LIMIT = 5  # Discord: components of a modal


class Kind(StrEnum):
    """What an option's value is after ``core.kinds`` has read it."""

    TEXT = "text"  # str, one line
    LONG = "long"  # str, may be long; takes the rest of the line
    NUMBER = "number"  # int
    YESNO = "yesno"  # bool
    CHOICE = "choice"  # str, one of ``choices``
    MANY = "many"  # tuple[str, ...] out of ``choices``
    TIME = "time"  # datetime.time, to the minute
    ZONE = "zone"  # IANA name
    DATE = "date"  # datetime.date
    DAYS = "days"  # frozenset[int], Monday = 0
    FILE = "file"  # core.call.Attachment
    CHANNEL = "channel"  # the platform's channel id
    ROLE = "role"  # the platform's role id


class Allow(StrEnum):
    ANYONE = "anyone"  # also somebody who belongs to no group, also in a DM
    MEMBER = "member"  # somewhere in a group (a first command in a home joins it)
    ORGANISER = "organiser"


class Begin(StrEnum):
    """How an interaction has to be acknowledged, known before the handler runs."""

    REPLY = "reply"
    THINK = "think"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Option:
    """One value a command takes.

    ``required`` and missing opens a form where somebody can be asked, and is an error with an example where
    nobody can. ``asked`` tells Discord to leave the option optional because the form will ask for it.
    ``named`` keeps it out of the positional order ("answer" takes its text first, its prompt only by name).
    ``least``/``most`` bound a number's value or a text's characters; days with a ``least`` cannot be "none".
    """

    name: str
    help: str
    kind: Kind = Kind.TEXT
    required: bool = False
    asked: bool = False
    named: bool = False
    choices: tuple[Choice, ...] = ()
    least: int | None = None
    most: int | None = None
    suggest: Suggest | None = None
    label: str = ""  # in forms; the name, capitalised, when empty

    @property
    def trailing(self) -> bool:
        return self.kind is Kind.LONG


@dataclass(frozen=True, slots=True)
class Command:
    """A thing that can be asked for: "story add", its help, its options, its handler.

    ``private``: only the asker sees the reply. ``slow``: the handler may take over a second, so a platform
    shows that it is thinking. ``listed`` is False for what buttons and forms call; with an ``example`` it can be
    typed all the same, without one it cannot: nobody types what a platform alone can know. ``form`` makes the
    form when a generated one (a field for each option) will not do; ``common_form``: a button that names all
    it needs opens the same form for everybody, so that it may be kept at hand. ``together`` says what is wrong
    between a form's raw values, as option -> sentence, without looking anything up; the handler has the last word.
    ``message_action`` names the command in
    a message's menu; the message's text arrives as the option of kind LONG.
    """

    path: str
    help: str
    handler: Handler
    options: tuple[Option, ...] = ()
    allow: Allow = Allow.MEMBER
    private: bool = True
    slow: bool = False
    listed: bool = True
    example: str = ""
    form: FormMaker | None = None
    common_form: bool = False
    together: Together | None = None
    message_action: str = ""
    founds: bool = False  # works where there is no group yet, because it makes one
    once: bool = False  # doing it twice would be too much: an act that the platform tells again is done once
    area: Literal["practice", "mine", "group", "organise"] = "practice"

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.path.split())

    @property
    def typed(self) -> bool:
        """Whether a typed line may name it; buttons and forms reach every command."""
        return self.listed or bool(self.example)

    def option(self, name: str) -> Option | None:
        return next((o for o in self.options if o.name == name), None)

    def usage(self) -> str:
        """The command with its options, brackets around what may be left out."""
        parts = [
            f"{o.name}: ..."
            if o.required
            else f"[{o.name}: ...]"
            if o.kind is not Kind.LONG
            else f"[{o.name}]"
            for o in self.options
        ]
        return " ".join([self.path, *parts])


def begin(command: Command, given: Iterable[str]) -> Begin:
    """How ``command`` begins when the options ``given`` (names) have values."""
    names = set(given)
    if any(o.required and o.name not in names for o in command.options):
        return Begin.FORM
    return Begin.THINK if command.slow else Begin.REPLY


def _require(true: bool, path: str, sentence: str) -> None:
    if not true:
        raise DeclarationError(f"command “{path}”: {sentence}")


def check_declaration(command: Command) -> None:
    """Raise DeclarationError when some platform could not show ``command``."""
    path = command.path
    _require(bool(command.words), path, "the path is empty")
    _require(len(command.words) <= DEPTH_LIMIT, path, f"a path has at most {DEPTH_LIMIT} words")
    for word in command.words:
        _require(
            bool(NAME.fullmatch(word)), path, f"“{word}” is no name (a-z, 0-9, - and _, at most {NAME_LIMIT})"
        )
    _require(0 < len(command.help) <= HELP_LIMIT, path, f"its help has to have 1 to {HELP_LIMIT} characters")
    _require(
        len(command.message_action) <= NAME_LIMIT, path, f"message_action is over {NAME_LIMIT} characters"
    )
    _require(len(command.options) <= OPTION_LIMIT, path, f"more than {OPTION_LIMIT} options")
    names = [o.name for o in command.options]
    _require(len(set(names)) == len(names), path, "two options have one name")
    trailing = [o for o in command.options if o.trailing and not o.named]
    _require(len(trailing) <= 1, path, "only one option can take the rest of the line")
    positional = [o for o in command.options if not o.named]
    _require(
        not trailing or positional[-1].trailing, path, "the option that takes the rest of the line comes last"
    )
    for option in command.options:
        _check_option(path, option)


def _characters(command: Command) -> int:
    """What a command adds to the total of its top-level command."""
    texts = [*command.words, command.help]
    for option in command.options:
        texts += [option.name, option.help, *(text for c in option.choices for text in (c.label, c.value))]
    return sum(map(len, texts))


def _check_option(path: str, option: Option) -> None:
    at = f"{path} {option.name}:"
    _require(bool(NAME.fullmatch(option.name)), at, "is no option name")
    _require(0 < len(option.help) <= HELP_LIMIT, at, f"its help has to have 1 to {HELP_LIMIT} characters")
    _require(len(option.choices) <= CHOICE_LIMIT, at, f"more than {CHOICE_LIMIT} choices")
    _require(
        not (option.choices and option.suggest), at, "has choices and suggestions; Discord takes one of both"
    )
    closed = option.kind in (Kind.CHOICE, Kind.MANY)
    _require(
        closed == bool(option.choices), at, "choices go with the kinds choice and many, and only with them"
    )
    for choice in option.choices:
        fits = 0 < len(choice.label) <= CHOICE_LABEL_LIMIT and 0 < len(choice.value) <= CHOICE_LABEL_LIMIT
        _require(fits, at, f"choice “{choice.label}” has to have 1 to {CHOICE_LABEL_LIMIT} characters")


class Registry:
    """All commands. Adding is all-or-nothing: a clash adds none of the batch."""

    def __init__(self, commands: Iterable[Command] = ()) -> None:
        self._by_path: dict[str, Command] = {}
        self.add(*commands)

    def add(self, *commands: Command) -> None:
        """Register ``commands``, or raise DeclarationError and register none."""
        merged = dict(self._by_path)
        for command in commands:
            check_declaration(command)
            _require(command.path not in merged, command.path, "is declared twice")
            merged[command.path] = command
        self._check_tree(merged)
        self._by_path = merged

    @staticmethod
    def _check_tree(merged: Mapping[str, Command]) -> None:
        listed = [c for c in merged.values() if c.listed]
        paths = {c.words for c in listed}
        for command in listed:
            for n in range(1, len(command.words)):
                _require(
                    command.words[:n] not in paths,
                    command.path,
                    f"“{' '.join(command.words[:n])}” is a command itself: Discord cannot invoke a group",
                )
        actions = [c.message_action for c in merged.values() if c.message_action]
        _require(len(set(actions)) == len(actions), "all", "two commands have one message_action")
        _require(len(actions) <= ACTIONS_LIMIT, "all", f"more than {ACTIONS_LIMIT} message actions")
        tops = {c.words[0] for c in listed}
        _require(len(tops) <= TOP_LIMIT, "all", f"more than {TOP_LIMIT} top-level commands")
        below: dict[tuple[str, ...], set[str]] = {}
        for command in listed:
            for n in range(1, len(command.words)):
                below.setdefault(command.words[:n], set()).add(command.words[n])
        for group, subs in below.items():
            _require(
                len(subs) <= SUBCOMMAND_LIMIT, " ".join(group), f"more than {SUBCOMMAND_LIMIT} subcommands"
            )
        for top in tops:
            groups = sum(group[0] == top for group in below)  # on Discord a group has a description, too
            total = sum(_characters(c) for c in listed if c.words[0] == top) + HELP_LIMIT * groups
            _require(
                total <= TOTAL_LIMIT,
                top,
                f"names, helps and choices together are over {TOTAL_LIMIT} characters",
            )

    def __iter__(self) -> Iterator[Command]:
        return iter(self._by_path.values())

    def __contains__(self, path: str) -> bool:
        return path in self._by_path

    def __getitem__(self, path: str) -> Command:
        return self._by_path[path]

    def listed(self) -> list[Command]:
        """What is shown in help, docs and platform menus, in order of declaration."""
        return [c for c in self._by_path.values() if c.listed]

    def get(self, path: str) -> Command | None:
        return self._by_path.get(path)

    def longest(self, words: list[str]) -> tuple[Command, int] | None:
        """The command whose path is the longest beginning of ``words`` (any case), and its length in words.

        Only one that can be typed.
        """
        lower = [w.casefold() for w in words[:DEPTH_LIMIT]]
        for n in range(len(lower), 0, -1):
            command = self._by_path.get(" ".join(lower[:n]))
            if command is not None and command.typed:
                return command, n
        return None

    def below(self, word: str) -> list[Command]:
        """The listed commands of the group ``word`` ("story" -> story add, story list ...)."""
        return [c for c in self.listed() if c.words[0] == word and len(c.words) > 1]

    def nearest(self, typed: str, count: int = 3) -> list[Command]:
        """Listed commands whose paths look most like ``typed``."""
        typed = " ".join(typed.casefold().split())[:80]
        first = typed.split(" ")[0]
        starts = [c for c in self.listed() if first and c.path.startswith(first)]
        paths = [c.path for c in self.listed()]
        close = difflib.get_close_matches(typed, paths, n=count, cutoff=0.6)
        close += difflib.get_close_matches(first, paths, n=count, cutoff=0.6)
        tops = {c.words[0]: c for c in reversed(self.listed())}
        close += [tops[w].path for w in difflib.get_close_matches(first, list(tops), n=count, cutoff=0.6)]
        found = dict.fromkeys([*(c.path for c in starts), *close] if len(first) > 1 else close)
        return [self._by_path[p] for p in list(found)[:count]]
