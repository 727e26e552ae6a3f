"""``help``: what can be done here, from the registry itself."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command, Kind, Option, Registry
from core.errors import Offer, UnknownCommand
from core.kinds import example
from core.plain import shown
from core.store import answers
from core.views import Block, Button, Buttons, Choice, Fields, Message, Text, Typed, View, words

AREAS = (
    ("practice", "Practise"),
    ("group", "With the group"),
    ("mine", "Yours"),
    ("organise", "For organisers"),
)


async def help_(call: Call) -> View:
    named = call.get("command")
    if named:
        return _one(call.app.registry, named)
    async with call.app.store.read() as tx:
        newcomer = await answers.count_of(tx, call.person.id) == 0
    blocks: list[Block] = []
    if newcomer:
        blocks += [
            Text(
                words(
                    "Welcome. Three steps: look at ",
                    Typed("today"),
                    ", write a few sentences with ",
                    Typed("answer"),
                    ", and read the checklist that comes back. Nobody else sees your answer.",
                )
            ),
            Buttons((Button("Today's question", "today", "primary"), Button("Practise", "practice"))),
        ]
    for area, title in AREAS:
        listed = [c for c in call.app.registry.listed() if c.area == area]
        if area == "organise" and not call.request.who.organiser:
            continue
        if listed:
            blocks.append(Text((title,), style="heading"))
            blocks.append(Fields(tuple((c.path, words(c.help)) for c in listed)))
    blocks.append(Text(words("More about one of them: ", Typed("help command: answer")), style="note"))
    return Message(tuple(blocks))


def _one(registry: Registry, named: str) -> View:
    command = registry.get(" ".join(named.casefold().lstrip("/").split()))
    if command is None or not command.listed:
        close = registry.nearest(named) or registry.below(named.casefold())
        raise UnknownCommand(
            f"There is no command “{shown(named)}”."
            + (f" Did you mean {' or '.join(f'“{c.path}”' for c in close)}?" if close else ""),
            example="help",
            choices=tuple(Offer(c.path, f"help:command={c.path}") for c in close),
        )
    blocks: list[Block] = [Text(words(Typed(command.usage())), style="title"), Text((command.help,))]
    if command.options:
        blocks.append(Fields(tuple((o.name, words(_option_words(o))) for o in command.options)))
    blocks.append(Text(words("For example: ", Typed(example(command))), style="note"))
    return Message(tuple(blocks))


def _option_words(option: Option) -> str:
    text = option.help
    if option.choices:
        text += f" ({', '.join(c.value for c in option.choices)})"
    return text if option.required else f"{text}; may be left out"


async def suggest_commands(call: Call, typed: str) -> tuple[Choice, ...]:
    word = typed.casefold().strip()
    return tuple(Choice(c.path, c.path) for c in call.app.registry.listed() if word in c.path)[:25]


COMMANDS = (
    Command(
        "help",
        "What can be done here, and the first steps.",
        help_,
        (Option("command", "A command to explain", Kind.LONG, suggest=suggest_commands),),
        allow=Allow.ANYONE,
    ),
)
