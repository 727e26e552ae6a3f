"""View -> what rich draws at a terminal. Pure; imported at a terminal only.

Every word is put into a ``rich.text.Text`` after cleaning, never into markup, so that nothing a member typed
is read as a tag or steers the terminal. A colour never stands alone: a word or a mark says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text as RichText

from adapters.console.pieces import Barred, Card, CheckLine, DrawnFields, DrawnTable, SideBySide
from adapters.console.render import PREFIX, Numbers, how_to_type
from core.commands import Registry
from core.plain import clean_line, clean_text
from core.text import form_text, span_text, words_text
from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Code,
    Divider,
    Fields,
    File,
    Form,
    FormErrors,
    Image,
    Link,
    Mention,
    Message,
    Page,
    Select,
    Span,
    Table,
    Text,
    Tick,
    Ticks,
    Typed,
    View,
    Words,
)

TRACK_COLOURS = {
    "behavioural": "green",
    "coding": "blue",
    "system-design": "magenta",
    "ml-design": "bright_magenta",
    "communication": "yellow",
    "company": "cyan",
    "product-sense": "bright_blue",
    "ask": "bright_green",
}
BUTTON_STYLES = {"primary": "bold cyan", "plain": "cyan", "danger": "red"}
WIDEST = 100  # columns: longer lines of prose are hard to read
NARROWEST = 20


def to_text(drawn: RenderableType, width: int, *, stream: Any = None, colour: bool = True) -> str:
    """What a terminal of ``width`` columns gets. NO_COLOR and the stream's encoding are heeded by rich."""
    console = Console(
        file=stream if stream is not None else StringIO(),
        width=max(NARROWEST, min(width, WIDEST)),
        force_terminal=colour or None,
        color_system="auto" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    with console.capture() as capture:
        console.print(drawn)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def draw(
    view: View,
    numbers: Numbers,
    *,
    drop: bool = False,
    registry: Registry | None = None,
) -> RenderableType:
    """``view`` as rich draws it. ``drop``: it came by itself, so a frame sets it off from what one typed."""
    match view:
        case Message():
            return _message(view, numbers, drop)
        case Page(message=message, number=number, of=of, previous=previous, next=following):
            body = _message(message, numbers, drop)  # first: its numbers come first
            if of < 2:
                return body
            foot = RichText().append(f"Page {number} of {of}", "dim")
            for label, action in (("Earlier", previous), ("Later", following)):
                if action:
                    foot.append("  ").append_text(_button(Button(label, action), numbers))
            return Group(body, RichText(), foot)
        case Form():
            return Group(RichText(form_text(view, {}, PREFIX)), RichText(), note(how_to_type(view, registry)))
        case FormErrors(form=form, errors=errors):
            text = RichText(form_text(form, dict(errors), PREFIX))
            return Group(text, RichText(), note(how_to_type(form, registry)))


def note(text: str) -> RichText:
    return RichText(clean_text(text), "dim")


def failing(text: str) -> RichText:
    """A sentence about something that was wrong: a mark says so where colours do not."""
    return RichText(f"! {clean_text(text)}", "yellow")


def heading(text: str) -> RichText:
    return RichText(clean_text(text), "bold")


def _message(message: Message, numbers: Numbers, drop: bool) -> RenderableType:
    blocks = list(message.blocks)
    colour = TRACK_COLOURS.get(message.track, "")
    title: RichText | None = None
    if (drop or message.track) and blocks and isinstance(blocks[0], Text) and blocks[0].style == "title":
        title = RichText(clean_line(words_text(blocks[0].words, PREFIX)), f"bold {colour}".strip())
        blocks = blocks[1:]
    body = Group(*_stack(blocks, numbers, colour))
    if not drop and title is None:
        return body
    return Card(body, title, colour or "dim")


def _stack(blocks: list[Block], numbers: Numbers, colour: str) -> Iterator[RenderableType]:
    """The blocks with an empty line between them; those without a word leave no gap."""
    first = True
    for item in blocks:
        drawn = _block(item, numbers, colour)
        if drawn is None or (isinstance(drawn, RichText) and not drawn.plain.strip()):
            continue
        if not first:
            yield RichText()
        first = False
        yield drawn


def _block(block: Block, numbers: Numbers, colour: str) -> RenderableType | None:
    match block:
        case Text(words=words, style=style):
            return _text(words, style, colour)
        case Code(text=code):
            return Padding(RichText(clean_text(code), "cyan", overflow="fold"), (0, 0, 0, 4))
        case Fields(items=items):
            return _fields(items)
        case Table():
            return DrawnTable(block)
        case Checklist(items=items):
            return Group(*(part for item in items for part in _check(item)))
        case Ticks(action=action, items=items):
            return Group(*(_tick(t, f"{action}{t.key}", numbers) for t in items))
        case Image(name=name, alt=alt):
            return note(f"(picture {clean_line(name)}: {clean_text(alt)})")
        case File(name=name, title=title):
            return note(f"({clean_text(title)}: {clean_line(name)})")
        case Buttons(items=items):
            return SideBySide([_button(b, numbers) for b in items]) if items else None
        case Select(action=action, placeholder=placeholder, choices=choices):
            lines = [RichText(clean_text(placeholder))]
            for c in choices:
                line = RichText("  ").append_text(_button(Button(c.label, f"{action}{c.value}"), numbers))
                lines.append(line.append(f"  {clean_line(c.hint)}", "dim") if c.hint else line)
            return Group(*lines)
        case Divider():
            return Rule(style="dim")


def _text(words: Words, style: str, colour: str) -> RenderableType:
    text = _words(words)
    match style:
        case "title":
            text.stylize(f"bold {colour}".strip())
        case "heading":
            text.stylize("bold")
        case "note":
            text.stylize("dim")
        case "quote":
            text.stylize("italic")
            return Barred(text) if text.plain.strip() else text
    return text


def _span_style(span: Span) -> str:
    match span:
        case Bold() | Mention():
            return "bold"
        case Typed():
            return "bold cyan"
        case Link():
            return "underline"
        case _:
            return ""


def _button(button: Button, numbers: Numbers) -> RichText:
    text = RichText().append("[", "dim")
    if number := numbers.take(button.action):
        text.append(number, "bold").append(" ")
    return text.append(clean_line(button.label), BUTTON_STYLES[button.style]).append("]", "dim")


def _tick(tick: Tick, action: str, numbers: Numbers) -> RichText:
    text = RichText()
    if number := numbers.take(action):
        text.append(number, "bold").append(" ")
    text.append("[x] " if tick.ticked else "[ ] ", "green" if tick.ticked else "dim")
    return text.append(clean_text(tick.label))


def _check(item: CheckItem) -> Iterator[RenderableType]:
    yield CheckLine(item)
    if item.quote:
        yield Padding(RichText(f"“{clean_text(item.quote)}”", "italic"), (0, 0, 0, 4))
    if item.hint:
        yield Padding(note(item.hint), (0, 0, 0, 4))


def _fields(items: tuple[tuple[str, Words], ...]) -> RenderableType:
    return DrawnFields([(f"{clean_line(name)}:", _words(value)) for name, value in items])


def _words(words: Words) -> RichText:
    text = RichText(overflow="fold")
    for span in words:
        text.append(span_text(span, PREFIX), _span_style(span))
    return text
