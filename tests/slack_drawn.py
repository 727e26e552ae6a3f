"""Blocks of Slack as a transcript shows them: marks as Slack's, and under the words what can be pressed."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
WORDS = {"rich_text_section": "", "rich_text_quote": "> ", "rich_text_preformatted": "    "}


def drawn(shown: Json) -> str:
    """A message, a modal or a Home tab."""
    lines = [f"# {shown['title']['text']}"] if isinstance(shown.get("title"), dict) else []
    blocks = shown.get("blocks") or []
    lines += (
        [line for block in blocks for line in _block(block)] if blocks else [str(shown.get("text") or "")]
    )
    lines += [
        f"[{each['name']}: {each.get('alt_txt') or each['title']}]" for each in shown.get("files") or ()
    ]
    lines += [f"[{shown['submit']['text']}]"] if isinstance(shown.get("submit"), dict) else []
    return "\n".join(lines)


def _block(block: Json) -> list[str]:
    match block["type"]:
        case "header":
            return [f"## {block['text']['text']}"]
        case "section":
            words = [block["text"]["text"]] if "text" in block else []
            return [*words, *(field["text"].replace("\n", " | ") for field in block.get("fields") or ())]
        case "context":
            return [f"({each['text'] if 'text' in each else each['alt_text']})" for each in block["elements"]]
        case "divider":
            return ["---"]
        case "image":
            return [f"[picture: {block['alt_text']}]"]
        case "actions":
            return ["  ".join(f"[{_label(each)}]" for each in block["elements"])]
        case "input":
            return [f"[{block['label']['text']}] {_filled(block['element'])}".rstrip()]
        case "rich_text":
            return [line for each in block["elements"] for line in _rich(each)]
        case other:
            return [f"<{other}>"]


def _filled(element: Json) -> str:
    """What stands in a box when the form opens."""
    chosen = [*element.get("initial_options", ()), *filter(None, [element.get("initial_option")])]
    words = [str(option["text"]["text"]) for option in chosen]
    words += [str(element[key]) for key in ("initial_value", "initial_conversation") if element.get(key)]
    return ", ".join(words)


def _label(element: Json) -> str:
    return str((element.get("text") or element.get("placeholder") or {"text": element["type"]})["text"])


def _rich(element: Json) -> list[str]:
    if element["type"] == "rich_text_list":
        return [f"- {line}" for each in element["elements"] for line in _rich(each)]
    text = "".join(map(_span, element["elements"]))
    return [f"{WORDS[element['type']]}{line}" for line in text.split("\n")]


def _span(span: Json) -> str:
    match span["type"]:
        case "text":
            text = str(span["text"])
        case "date":
            text = f"<!date^{span['timestamp']}^{span['format']}|{span['fallback']}>"
        case "link":
            text = f"<{span['url']}|{span.get('text', span['url'])}>"
        case "user":
            text = f"<@{span['user_id']}>"
        case other:
            text = f"<{other}>"
    for mark, sign in (("bold", "*"), ("italic", "_"), ("code", "`")):
        if (span.get("style") or {}).get(mark) and text.strip():
            text = f"{sign}{text.strip()}{sign}" + (" " if text.endswith(" ") else "")
    return text
