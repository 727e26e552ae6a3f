"""What is asked for by ``@Starling ...``, and how words typed on Slack are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_double_forms import escaped

from adapters.slack.mentions import asked
from adapters.slack.reading import words_of
from core.call import Request, Where, Who
from core.catalogue import registry
from core.text import as_text
from core.views import Buttons, Message

BOT = "U0BOT"
WHO = Who("slack", "U1", "Ana", "T1")
WHERE = Where("slack", "T1", "C1", "#practice", "Study group")
REGISTRY = registry()


def mention(text: str) -> Request:
    found = asked(REGISTRY, text, BOT, WHO, WHERE)
    assert isinstance(found, Request), found
    return found


def told(text: str) -> Message:
    found = asked(REGISTRY, text, BOT, WHO, WHERE)
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize(
    "text", ["<@U0BOT> today", "today <@U0BOT>", "<@U0BOT|starling>: today", " <@U0BOT>,\n today "]
)
def test_our_mention_is_cut_off_wherever_it_stands(text: str) -> None:
    assert mention(text) == Request("today", WHO, WHERE)


def test_a_mention_alone_asks_for_the_menu() -> None:
    assert mention("<@U0BOT>").path == mention(" <@U0BOT> : ").path == "menu"


def test_options_are_read_and_escapes_are_taken_off_once() -> None:
    assert mention('<@U0BOT> history prompt: "R&amp;amp;D &lt;3"').values == {"prompt": "R&amp;D <3"}


def test_a_channel_and_a_role_are_known_by_their_ids() -> None:
    line = "<@U0BOT> drops add time: 21:00 channel: <#C77|other> role: <!subteam^S5|@early-birds>"
    values = mention(line).values
    assert values["channel"] == "C77" and values["role"] == "S5"
    values = mention("<@U0BOT> setup time: 21:00 channel: <#C77|other>").values
    assert values == {"time": "21:00", "channel": "C77"}


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("<@U0BOT> answer At my last job I rewrote it", "answer"),
        ("answer text: At my last <@U0BOT> job", "answer"),
        ("<@U0BOT> answer prompt: d12 text: At my last job", "answer:prompt=d12"),
        ("<@U0BOT> answer more: the rest of it", "answer"),
        ("<@U0BOT> answer prompt: " + "x" * 120 + " text: words", "answer"),
        ("<@U0BOT> feedback I led the team", "feedback"),
    ],
)
def test_private_words_are_never_taken_out_of_a_public_mention(text: str, action: str) -> None:
    view = told(text)
    assert "job" not in as_text(view) and "team" not in as_text(view)
    assert "Everybody here can read that" in as_text(view)
    (button,) = next(b for b in view.blocks if isinstance(b, Buttons)).items
    assert button.action == action


def test_help_takes_its_words_from_anywhere() -> None:
    assert mention("<@U0BOT> help answer").values == {"command": "answer"}


def test_what_is_missing_is_asked_for_behind_a_button() -> None:
    request = mention("<@U0BOT> answer")
    assert request.can_ask and not request.values


def test_what_is_no_command_is_explained() -> None:
    view = told("<@U0BOT> todayy")
    assert "Did you mean" in as_text(view)
    assert "“<3”" in as_text(told("<@U0BOT> &lt;3 good morning everybody"))


# --- words ----------------------------------------


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2, &amp;lt;", "1 < 2 && 3 > 2, &lt;"),
        ("ask <@U123> or <@U124|bea>", "ask @someone or @bea"),
        ("in <#C1|general> and <#C2> and <#C3|>", "in #general and #channel and #channel"),
        ("<!here> <!channel|@channel> <!subteam^S1|@leads> <!subteam^S2>", "@here @channel @leads @subteam"),
        ("see <https://example.org/a?b=1&amp;c=2>", "see https://example.org/a?b=1&c=2"),
        (
            "<http://example.org|example.org> <https://e.org/x|the notes>",
            "example.org the notes (https://e.org/x)",
        ),
        ("<mailto:a@example.org|a@example.org> <tel:+4930|030>", "a@example.org 030 (+4930)"),
        ("<!date^1772442000^{date}|2 March> <!date^1^x>", "2 March !date^1^x"),
        ("a *bold* &lt;@U1&gt; `x`", "a *bold* <@U1> `x`"),
        ("<> <|x> < >", "<> x  "),
    ],
)
def test_control_sequences_are_read_as_words(sent: str, read: str) -> None:
    assert words_of(sent) == read


@given(st.text())
def test_no_word_that_was_typed_is_lost(text: str) -> None:
    assert words_of(escaped(text)) == text


@given(st.text(alphabet="<>|!@#^abc :/&;", max_size=40))
def test_whatever_comes_is_read(text: str) -> None:
    words_of(text)
    asked(REGISTRY, text, BOT, WHO, WHERE)
