"""docs/commands.md, made of the registry: ``python -m bot.commands_page > docs/commands.md`` (or ``make docs``)."""

from __future__ import annotations

import sys

from core.catalogue import registry
from core.commands import Allow, Command, Option
from core.features.guide import AREAS
from core.kinds import example

HEAD = """# Commands

Made of the program's own declarations by `make docs`; a test holds the two together.

Discord: `/story add`. Slack: `/starling story add`. Console: `/story add`. The words are the same everywhere.

**How to type them** (Slack, mentions, the console). The command, then its options as `name: value` in any order
(`name:value` works too), with quotes around a value that has blanks; or just the values, in the order in which the
options stand here. A text at the end takes the rest of the line: `/answer At my last job ...` and
`/answer text: At my last job ...` are the same, and whatever looks like an option inside such a text is words. Where
nobody can be asked (a pipe), a missing value is an error with an example, and the rest of the input goes on.
"""

WHO = {
    Allow.ANYONE: "everybody, also in direct messages",
    Allow.MEMBER: "members, in the group",
    Allow.ORGANISER: "organisers",
}


def page() -> str:
    """The whole page, ending in a newline."""
    parts = [HEAD]
    for area, title in AREAS:
        listed = [c for c in registry().listed() if c.area == area]
        if listed:
            parts.append(f"## {title}\n")
            parts += [_command(c) for c in listed]
    return "\n".join(parts).rstrip() + "\n"


def _command(command: Command) -> str:
    lines = [f"### {command.path}\n", command.help]
    seen = "only you see the reply" if command.private else "everybody sees the reply"
    lines.append(f"For {WHO[command.allow]}; {seen}.\n")
    if command.options:
        lines += ["| option | | what it is |", "|---|---|---|"]
        lines += [_option(o) for o in command.options]
        lines.append("")
    lines.append(f"    /{example(command)}\n")
    return "\n".join(lines)


def _option(option: Option) -> str:
    need = "needed" if option.required else "by name" if option.named else ""
    words = option.help.replace("|", "/")
    if option.choices:
        words += f": {', '.join(f'`{c.value}`' for c in option.choices)}"
    return f"| `{option.name}:` | {need} | {words} |"


if __name__ == "__main__":
    sys.stdout.write(page())
