"""Words -> mrkdwn or rich text. Pure.

Anybody may have typed a ``str`` in a view, so it is put where it does nothing: into mrkdwn while it is ``tame``
there (``escape``), else into a ``rich_text`` element, which Slack never parses. Both look alike to a reader; mrkdwn
comes first because sections fold long text away and contexts are small and grey, which rich text cannot be.
"""

from __future__ import annotations

import re
from typing import Any

from adapters.slack.escape import address, escape, tame
from core.plain import clean_line, clean_text
from core.text import span_text, when_text
from core.views import Bold, Link, Mention, Span, Typed, When, Words

Json = dict[str, Any]
PREFIX = "/starling "
DATES = {
    "time": "{time}",
    "date": "{date_short_pretty}",
    "both": "{date_short_pretty} {time}",
    "relative": "{date_short_pretty} {time}",
}
_LAST_SECOND = 253_402_300_799  # of the year 9999
_USER, _GROUP = re.compile(r"[UW][A-Z0-9]{1,20}", re.ASCII), re.compile(r"S[A-Z0-9]{1,20}", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|www\.", re.IGNORECASE)
_BEFORE, _BEHIND = re.compile(r"[\s(\[]\Z"), re.compile(r"[\s.,;!?)\]]|:(?=\s|\Z)")


def shown(span: Span) -> str:
    """``span`` as a reader sees it, about: what lengths are counted by."""
    return span_text(span, PREFIX)


def mentioned(mention: Mention) -> str | None:
    """The id that ``mention`` pings on Slack; None for another platform's, or what is no id."""
    form = _USER if mention.kind == "user" else _GROUP
    return mention.id if mention.platform == "slack" and form.fullmatch(mention.id) else None


def mrkdwn(words: Words) -> str | None:
    """``words`` as mrkdwn; None where a sign in them would be read as a mark."""
    drawn = [_marked(span) for span in words]
    plain = "".join(shown(span) if isinstance(span, str | Bold) else "x" for span in words)
    if not tame(plain):
        return None
    text = ""
    for number, (part, span) in enumerate(zip(drawn, words, strict=True)):
        if part is None:
            return None
        following = next((p for p in drawn[number + 1 :] if p != ""), "") or ""
        if isinstance(span, Bold | Typed) and part and not _stands_alone(text, following):
            return None  # between letters a mark is no mark
        text += part
    return text


def _stands_alone(before: str, following: str) -> bool:
    return (not before or _BEFORE.search(before) is not None) and (
        not following or _BEHIND.match(following) is not None
    )


def _marked(span: Span) -> str | None:
    match span:
        case str():
            return escape(span_text(span))
        case Bold():
            text = span_text(span)
            return f"*{escape(text)}*" if text and "\n" not in text else None if text else ""
        case When():
            at = _timestamp(span)
            fallback = escape(when_text(span))
            return fallback if at is None else f"<!date^{at}^{DATES[span.style]}|{fallback}>"
        case Link():
            url, label = address(span.url), _label(span)
            if url is None or label is None or not tame(label) or "|" in label:
                return None
            return f"<{escape(url)}|{escape(label)}>"
        case Typed():
            text = clean_line(shown(span))
            return None if "`" in text else f"`{escape(text)}`"
        case Mention():
            known = mentioned(span)
            if known is None:
                return None  # the name, which anybody chose: rich text shows it as it is
            return f"<@{known}>" if span.kind == "user" else f"<!subteam^{known}>"


def _label(link: Link) -> str | None:
    """What the link says; None where it pretends to be another address: then the real one stands beside it."""
    label = clean_line(link.label)
    if not label or label == clean_text(link.url):
        return clean_text(link.url)
    return None if _SCHEME.match(label) else label


def _timestamp(when: When) -> int | None:
    try:
        at = int(when.at.timestamp())
    except (ValueError, OverflowError, OSError):
        return None
    return at if 0 <= at <= _LAST_SECOND else None


def rich(words: Words, **style: bool) -> list[Json]:
    """``words`` as the elements of a rich text section; ``style`` is laid over all of their text."""
    return [element for span in words for element in _rich(span, style)]


def _rich(span: Span, style: dict[str, bool]) -> list[Json]:
    match span:
        case Bold():
            return text_element(shown(span), {**style, "bold": True})
        case When() if (at := _timestamp(span)) is not None:
            date = {"type": "date", "timestamp": at, "format": DATES[span.style], "fallback": when_text(span)}
            return [{**date, "style": style} if style else date]
        case Link() if (url := address(span.url)) is not None:
            label = _label(span)
            before = text_element(f"{clean_line(span.label)} (", style) if label is None else []
            link: Json = {"type": "link", "url": url}
            if label is not None and label != url:
                link["text"] = label
            if style:
                link["style"] = style
            return [*before, link, *text_element(")", style)] if label is None else [link]
        case Typed():
            return text_element(clean_line(shown(span)), {**style, "code": True})
        case Mention() if (known := mentioned(span)) is not None:
            if span.kind == "user":
                return [{"type": "user", "user_id": known}]
            return [{"type": "usergroup", "usergroup_id": known}]
        case _:
            return text_element(shown(span), style)


def text_element(text: str, style: dict[str, bool] | None = None) -> list[Json]:
    """``text``, which nothing in it turns into anything else; nothing for ""."""
    if not text:
        return []
    element: Json = {"type": "text", "text": text}
    return [{**element, "style": style}] if style else [element]
