"""Words -> request. One parser for Slack's slash command, @mentions and the console.

Grammar: the longest matching command path first; then options as ``name: value`` in any order (``name:value``
too), quotes around values with blanks; or positionally in the declared order. A trailing text option takes
the rest of the line. Only declared names are options, and none once a trailing text has begun.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from core.commands import ACTION_LIMIT, Command, Option, Registry
from core.errors import BadOption, Offer, UnknownCommand, UsageError
from core.kinds import example
from core.plain import clean_line, shown

_PAIRS = {'"': '"', "“": "”", "„": "“", "«": "»"}
_NAMED = re.compile(r"([^\W\d][\w-]{0,31})[:：](?!//)", re.UNICODE)  # "https://..." names no option
_TOKEN = re.compile(r"\S+")
LINE_LIMIT = 50_000  # characters of one typed line; far above any answer, far below a memory problem


@dataclass(frozen=True, slots=True)
class Parsed:
    command: Command
    values: dict[str, str]


def parse(registry: Registry, line: str) -> Parsed:
    """The command and raw option values in ``line`` (no prefix). Raises UsageError, mostly one of its kinds.

    What only buttons and forms call is an unknown command here.
    """
    if len(line) > LINE_LIMIT:
        raise UsageError(
            f"That line has {len(line):,} characters; {LINE_LIMIT:,} is the most. Nothing was stored."
        )
    line = line.strip()
    cleaned = [(clean_line(m.group()), m.end()) for m in _TOKEN.finditer(line[:200])]
    words = [(word, end) for word, end in cleaned if word][:3]
    found = registry.longest([w for w, _ in words])
    if found is None:
        raise unknown(registry, line)
    command, length = found
    return Parsed(command, _options(command, line[words[length - 1][1] :]))


def unknown(registry: Registry, line: str) -> UnknownCommand:
    """The error for words that start no command, with the nearest right ones."""
    typed = clean_line(line)
    first = typed.split(" ")[0].casefold() if typed else ""
    if not first:
        return UnknownCommand("That was an empty command.", example="help")
    group = registry.below(first)
    if group:
        names = ", ".join(c.path for c in group)
        return UnknownCommand(
            f"“{shown(first)}” needs a second word. There are: {names}.", example=example(group[0])
        )
    close = registry.nearest(typed)
    if not close:
        return UnknownCommand(
            f"There is no command “{shown(first)}”. “help” lists what can be done here.", example="help"
        )
    names = " or ".join(f"“{c.path}”" for c in close)
    offers = tuple(Offer(c.path, c.path) for c in close)
    return UnknownCommand(
        f"There is no command “{shown(typed, 30)}”. Did you mean {names}?",
        example=example(close[0]),
        choices=offers,
    )


def _options(command: Command, rest: str) -> dict[str, str]:
    values: dict[str, str] = {}
    at = 0
    while True:
        while at < len(rest) and rest[at].isspace():
            at += 1
        if at >= len(rest):
            return values
        option, start = _named(command, rest, at)
        if option is None:
            option = _positional(command, values, rest, at)
            start = at
        if option.name in values:
            raise BadOption(
                f"“{option.name}:” is given twice. Say it once.",
                option=option.name,
                example=example(command, option),
            )
        if option.trailing and not option.named:
            values[option.name] = _unquoted(rest[start:].strip())
            return values
        values[option.name], at = _value(command, option, rest, start)


def _named(command: Command, rest: str, at: int) -> tuple[Option | None, int]:
    match = _NAMED.match(rest, at)
    if match is None:
        return None, at
    option = command.option(match[1].casefold())
    return (option, match.end()) if option is not None else (None, at)


def _positional(command: Command, values: dict[str, str], rest: str, at: int) -> Option:
    left = [o for o in command.options if not o.named and o.name not in values]
    match = _NAMED.match(rest, at)
    if match is not None and (not left or not left[0].trailing):
        raise _no_option(command, match[1])
    if left:
        return left[0]
    word = shown(rest[at:], 30)
    takes = ", ".join(f"{o.name}:" for o in command.options) or "no options"
    raise BadOption(
        f"“{word}” is too much: {command.path} takes {takes}.", option="", example=example(command)
    )


def _no_option(command: Command, name: str) -> BadOption:
    names = [o.name for o in command.options]
    close = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.5)
    hint = (
        f"Did you mean “{close[0]}:”?"
        if close
        else f"It takes {', '.join(n + ':' for n in names) or 'no options'}."
    )
    option = command.option(close[0]) if close else None
    return BadOption(
        f"“{command.path}” has no option “{shown(name)}:”. {hint}",
        option=name,
        example=example(command, option),
    )


def _value(command: Command, option: Option, rest: str, at: int) -> tuple[str, int]:
    while at < len(rest) and rest[at].isspace():
        at += 1
    if at >= len(rest):
        raise BadOption(
            f"“{option.name}:” has no value.", option=option.name, example=example(command, option)
        )
    closing = _PAIRS.get(rest[at])
    if closing is not None:
        end = rest.find(closing, at + 1)
        if end < 0:
            raise BadOption(
                f"The quote that opens at “{shown(rest[at:], 20)}” is never closed.",
                option=option.name,
                example=example(command, option),
            )
        return rest[at + 1 : end], end + 1
    match = _TOKEN.match(rest, at)
    assert match is not None  # rest[at] is no blank
    token, end = match.group(), match.end()
    # "days: mon, tue" and "tracks: coding, ask": a comma at the end carries on to the next word.
    while (
        token.endswith(",")
        and (more := re.compile(r"\s+(\S+)").match(rest, end))
        and not _NAMED.match(more[1])
    ):
        token, end = f"{token} {more[1]}", more.end()
    return token, end


def _unquoted(text: str) -> str:
    closing = _PAIRS.get(text[:1])
    if closing and len(text) > 1 and text.endswith(closing) and closing not in text[1:-1]:
        return text[1:-1]
    return text


# --- actions: what buttons, selects and forms carry ----------------------------------------


def action_id(path: str, **values: object) -> str:
    """``path:name=value;name=value``, at most ACTION_LIMIT characters: what a button carries."""
    argument = ";".join(f"{name}={value}" for name, value in values.items())
    action = f"{path}:{argument}" if argument else path
    if len(action) > ACTION_LIMIT:
        raise ValueError(f"action over {ACTION_LIMIT} characters: {action[:60]}...")
    return action


def parse_action(registry: Registry, action: str) -> Parsed:
    """The command and values in an action id. A select's chosen value is appended by the adapter before."""
    path, _, argument = action.partition(":")
    command = registry.get(path)
    if command is None:
        raise UnknownCommand(
            "This button belongs to an older version of Starling. Ask again and use the new one."
        )
    values: dict[str, str] = {}
    for part in filter(None, argument.split(";")):
        name, has, value = part.partition("=")
        if not has or command.option(name) is None:
            raise UnknownCommand(
                "This button is not one of ours, or an old one. Ask again and use the new one."
            )
        values[name] = value
    return Parsed(command, values)
