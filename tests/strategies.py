"""Hypothesis strategies that more than one room's tests draw from: what people type, and views of every type.

``typed`` is what members, platforms and attackers send: every script, emoji, escape sequences, NUL, lone
surrogates, SQL, markup. ``views`` makes every view there is, with such text wherever a member's words can stand.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from core.views import (
    Block,
    Bold,
    Button,
    Buttons,
    CheckItem,
    Checklist,
    Choice,
    Code,
    Divider,
    Field,
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
    State,
    Table,
    Text,
    Tick,
    Ticks,
    Typed,
    View,
    When,
)

# What has hurt programs before: each is one piece that ``typed`` strews between ordinary words.
NASTY = (
    "\x00", "\x07", "\x08", "\x1b[31m", "\x1b[2J", "\x1b]0;title\x07", "\x9b1m", "\x7f", "\x85", "\x0b", "\x0c",
    "\u200b", "\u200d", "\u200e", "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff", "\u2028", "\u2060", "\u00ad",
    "\ud800", "\udfff", "\U000e0041", "\ufff9", "\u206e", "\u3164", "\u2800", "\u0301" * 40,
    "'; DROP TABLE answer; --", "\" OR 1=1", "%", "_", "\\", "{}", "{0}", "%s", "$(reboot)", "`id`", "<b>", "</script>",
    "**bold**", "_it_", "~~", "```", "||spoiler||", "> quote", "# head", "[a](https://example.org)", "<!channel>",
    "<@123>", "@everyone", "&amp;", "<t:0>", ":smile:", "/help", "text:", "prompt:", "prompt: d1", "a=b;c=d", ":", ";",
    "“", "”", '"', "«", "👩‍👩‍👧‍👦", "🏳️‍🌈", "می‌خواهم", "क्षत्रिय", "你好世界", "สวัสดี", "ﷺ", "İ", "ß", "ǅ", "１２", "½",
    "9" * 30, "-1", "1e9", "0x10", "NaN", "null", "None",
)  # fmt: skip

words_of = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)
"""One word in any script."""

typed: st.SearchStrategy[str] = st.one_of(
    st.lists(st.one_of(words_of, st.sampled_from(NASTY), st.sampled_from((" ", "\n", "\t", ", ")))).map(
        "".join
    ),
    st.lists(st.one_of(words_of, st.sampled_from(NASTY)), max_size=8).map(" ".join),
    st.text(st.characters(), max_size=40),  # everything, surrogates and all
)
"""What somebody may type, or a platform may hand on as typed."""

short = typed.map(lambda text: text[:40])
actions = st.sampled_from(
    ("today", "practice", "help:command=answer", "tick:answer=1;item=x", "history:page=2")
)
instants = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(
    lambda at: at.replace(tzinfo=UTC)
)
zones = st.sampled_from(
    ("UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America", "", "No/Where", "../etc")
)

# --- words ----------------------------------------------------------------------------------------

spans: st.SearchStrategy[Span] = st.one_of(
    typed,
    st.builds(Bold, typed),
    st.builds(When, instants, zones, st.sampled_from(("time", "date", "both", "relative"))),
    st.builds(Link, short, st.one_of(st.just("https://example.org/a"), short)),
    st.builds(Typed, short),
    st.builds(Mention, st.just("test"), st.sampled_from(("user", "role")), short, short),
)
spanned = st.lists(spans, max_size=4).map(tuple)

# --- blocks ----------------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables as features make them: no row wider than the head; short rows and a stray mark happen."""
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(short, max_size=width).map(tuple), max_size=4))
    return Table(
        tuple(draw(st.lists(short, min_size=width, max_size=width))),
        tuple(rows),
        draw(st.text("lr", max_size=width)),
        draw(st.none() | st.integers(0, 5)),
    )


choices = st.builds(Choice, short, short, short)
buttons = st.builds(Button, short, actions, st.sampled_from(("primary", "plain", "danger")))
images = st.builds(Image, st.binary(max_size=8), short, short)
files = st.builds(File, st.binary(max_size=8), short, short)

blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Text, spanned, st.sampled_from(("plain", "title", "heading", "note", "quote"))),
    st.builds(Code, typed, st.sampled_from(("", "python"))),
    st.builds(Fields, st.lists(st.tuples(short, spanned), max_size=3).map(tuple)),
    tables(),
    st.builds(
        Checklist,
        st.lists(
            st.builds(CheckItem, short, st.sampled_from(State), st.none() | typed, short), max_size=3
        ).map(tuple),
    ),
    st.builds(Ticks, actions, st.lists(st.builds(Tick, short, short, st.booleans()), max_size=3).map(tuple)),
    images,
    files,
    st.builds(Buttons, st.lists(buttons, max_size=4).map(tuple)),
    st.builds(Select, actions, short, st.lists(choices, max_size=3).map(tuple)),
    st.builds(Divider),
)

# --- views ----------------------------------------------------------------------------------------

messages = st.builds(
    Message,
    st.lists(blocks, max_size=5).map(tuple),
    st.booleans(),
    st.sampled_from(("", "behavioural", "coding", "no-such-track")),
)
pages = st.builds(
    Page, messages, st.integers(1, 9), st.integers(0, 9), st.none() | actions, st.none() | actions
)
fields = st.builds(
    Field,
    name=words_of,
    label=short,
    kind=st.sampled_from(("line", "text", "choice", "many", "file", "channel", "role")),
    required=st.booleans(),
    value=typed,
    hint=short,
    choices=st.lists(choices, max_size=3).map(tuple),
    least=st.integers(0, 3),
    most=st.integers(1, 5000),
)
forms = st.builds(Form, actions, short, st.lists(fields, max_size=5).map(tuple), short, spanned)
form_errors = st.builds(FormErrors, forms, st.dictionaries(words_of, typed, max_size=3)) | forms.flatmap(
    lambda form: st.builds(
        FormErrors,
        st.just(form),
        st.dictionaries(st.sampled_from([f.name for f in form.fields] or ["x"]), typed, max_size=3),
    )
)

views: st.SearchStrategy[View] = st.one_of(messages, pages, forms, form_errors)
"""Every view there is."""
