"""``menu``: what one does most, to press. Shown where somebody calls Starling and says no more."""

from __future__ import annotations

from core.call import Call
from core.commands import Allow, Command
from core.views import Block, Button, Buttons, Message, Text, Typed, View, words

MEMBERS = (
    Button("Today's question", "today", "primary"),
    Button("Practise", "practice"),
    Button("Review others", "review"),
    Button("My streak", "streak"),
    Button("Leaderboard", "leaderboard"),
    Button("My answers", "history"),
    Button("Reminder", "remind show"),
    Button("My settings", "me change"),
    Button("Help", "help"),
)
ORGANISERS = (
    Button("Set up a channel", "setup"),
    Button("Planned questions", "drops list"),
    Button("Doctor", "doctor"),
)


async def menu(call: Call) -> View:
    blocks: list[Block] = [Text(("What would you like to do?",)), Buttons(MEMBERS)]
    if call.request.who.organiser:
        blocks += [Text(("For organisers:",), style="note"), Buttons(ORGANISERS)]
    blocks.append(Text(words("Everything there is: ", Typed("help")), style="note"))
    return Message(tuple(blocks))


COMMANDS = (Command("menu", "What one does most, to press.", menu, allow=Allow.ANYONE, listed=False),)
