"""What Slack would refuse or misread: the double's judge, and what no schema says about words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import slack_double_limits as judge

from adapters.slack.escape import unescape

Json = dict[str, Any]
CONTROL = re.compile(r"<[^<>]*>")
OURS = re.compile(
    r"<!date\^\d+\^[^|<>]+\|[^<>]+>|<https?://[^\s|<>]+\|[^<>\n]+>|<@[UW][A-Z0-9]+>|<!subteam\^S[A-Z0-9]+>"
)
MARKED = re.compile(r"(?<![^\s(\[])(\*[^*\n]+\*|`[^`\n]+`)(?![^\s.,:;!?)\]])")
ACTIVE = re.compile(r"[*_~`@]|:[^\s\d”’]|#\w|www\.|^\s*(?:>|&gt;)", re.MULTILINE | re.IGNORECASE)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def problems_of_blocks(blocks: list[Json], *, view: bool = False) -> list[str]:
    """Everything that is wrong with ``blocks``."""
    found = [f"{at}: {what}" for at, what in judge.blocks(blocks, view=view)]
    try:
        whole = json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))
        whole.encode()
    except UnicodeEncodeError:
        return [*found, "a lone surrogate"]
    if not view and units(whole) > 13_200 and sum(map(units, words_in(blocks))) > 11_000:
        found.append(f"msg_blocks_too_long: {units(whole)}")
    ids = [e["action_id"] for e in walk(blocks) if "action_id" in e]
    if not view and len(set(ids)) != len(ids):
        found.append("an action_id twice")
    for each in walk(blocks):
        found += _words_problems(each)
    return found


def _words_problems(each: Json) -> Iterator[str]:
    match each.get("type"):
        case "mrkdwn":
            if not each.get("verbatim"):
                yield "addresses in mrkdwn would become links"
            yield from active(each["text"])
        case "plain_text":
            if each.get("emoji") is not False:
                yield "plain text with emoji"
            if not each["text"].strip():
                yield "an empty text"
        case "text":
            if not each["text"]:
                yield "an empty element"
        case "rich_text" | "rich_text_section" | "rich_text_quote" | "rich_text_preformatted":
            if not each["elements"]:
                yield f"an empty {each['type']}"
            if sum(map(units, words_in(each))) > 4000:
                yield f"{each['type']} is very long"
    if "value" in each and "text" in each and units(str(each["value"])) > 75:
        yield "an option's value over 75"


def active(mrkdwn: str) -> list[str]:
    """What stands in ``mrkdwn`` that Slack would read as a mark and that is none of ours."""
    found = [c for c in CONTROL.findall(mrkdwn) if not OURS.fullmatch(c)]
    rest = MARKED.sub("x", OURS.sub("x", mrkdwn))
    found += re.findall(r"&(?!amp;|lt;|gt;)|[<>]", rest)
    return found + ACTIVE.findall(re.sub("&(?:amp|lt);", "", rest))


def walk(part: object) -> Iterator[Json]:
    """Every object in ``part``, top to bottom."""
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)


def words_in(part: object) -> list[str]:
    """What somebody reads in ``part``: texts, labels, alternatives of pictures and of times."""
    found: list[str] = []
    for each in walk(part):
        for key in ("text", "alt_text", "fallback"):
            if isinstance(each.get(key), str):
                found.append(each[key])
        if each.get("type") == "link":
            found.append(each["url"])
    return found


def seen_in(part: object) -> str:
    """The same as people see it, mrkdwn unescaped, each piece on its line."""
    escaped = [e for e in walk(part) if e.get("type") == "mrkdwn"]
    marks = {id(e) for e in escaped}
    return "\n".join(
        unescape(words) if id(each) in marks else words
        for each in walk(part)
        for words in words_in({k: v for k, v in each.items() if isinstance(v, str)})
    )
