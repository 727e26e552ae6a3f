"""What a schema cannot say: names that fit together, text that can be read, words that are one's own.

Every function takes a document of any shape (the schema has its own say about that) and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from core.packs.characters import called, invisible
from core.packs.document import Document, shown
from core.packs.likeness import normalised
from core.packs.locate import Path
from core.packs.problems import WARNING, Problem
from core.packs.suggest import did_you_mean, nearest

#: The text of a prompt that points elsewhere needs no more; what is longer is somebody's statement.
LONGEST_POINTER = 200

# A text full of them is said to be so a few times, not once for each.
_A_FEW = 5
_MANY_LINES = frozenset({"text", "notes", "answer", "description"})
_STATEMENT = re.compile(r"(?im)^\s*(constraints|example \d*|input|output)\s*:")
_LICENCE_REF = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")
_LICENCES = (
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "LGPL-3.0-or-later",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Unlicense",
    "0BSD",
    "CC0-1.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-NC-ND-4.0",
    "ODbL-1.0",
    "PDDL-1.0",
    "WTFPL",
    "Zlib",
)


def pack_content(document: Document, known_rubrics: Collection[str] | None) -> Iterator[Problem]:
    """Everything beyond the schema of a pack."""
    yield from _texts(document)
    yield from _doubled_ids(document, ("prompt",))
    for path, prompt in _tables(document, ("prompt",)):
        yield from _doubled_ids(document, (*path, "reveal"))
        yield from _doubled_ids(document, (*path, "checks"))
        if prompt.get("retired") is not True:
            yield from _rubric(document, path, prompt, known_rubrics)
            yield from _borrowed(document, path, prompt)
        yield from _licence(document, (*path, "source"), prompt.get("source"))
    yield from _former_ids(document)
    yield from _twins(document)
    yield from _licence(document, ("pack",), document.data.get("pack"))


def rubrics_content(document: Document) -> Iterator[Problem]:
    """Everything beyond the schema of a rubrics file."""
    yield from _texts(document)
    yield from _doubled_ids(document, ("rubric",))
    for path, _ in _tables(document, ("rubric",)):
        yield from _doubled_ids(document, (*path, "items"))


def _tables(document: Document, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    here: Any = document.data
    for step in path:
        here = here[step] if isinstance(step, int) else here.get(step)
    for index, table in enumerate(here if isinstance(here, list) else ()):
        if isinstance(table, dict):
            yield (*path, index), table


def _texts(document: Document) -> Iterator[Problem]:
    for path, text in document.texts():
        written = document.source(path)
        for index, char in islice(invisible(text), _A_FEW):
            # Written as it is, it was found while the file was read; written as \u200b, only here. Tabs are
            # layout outside of strings, so they are looked for here alone.
            if char in "\t\r" or char not in written:
                said = f"character {index + 1} is {called(char)}, which nobody can see; delete it"
                yield document.problem(path, said)
        if "\n" in text.strip() and path[-1] not in _MANY_LINES:
            yield document.problem(path, "it runs over several lines; put it on one")
        if not text.strip() and text:
            yield document.problem(path, "there are only blanks in it")
        elif text.removesuffix("\n") != text.strip():  # three quotation marks often stand on their own line
            yield document.problem(path, "there are blanks at its beginning or end; delete them", WARNING)
        if path[-1] in {"url", "homepage"} and re.match(r"https?://\S", text) and not _has_host(text):
            yield document.problem(path, f"{shown(text)} names no site")
        if path[-1] in {"version", "updated", "retrieved"} and not text.isascii():
            yield document.problem(path, f"{shown(text)} has digits of another script; write 0 to 9")


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _doubled_ids(document: Document, path: Path) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for place, table in _tables(document, path):
        name = table.get("id")
        if isinstance(name, str) and name in first:
            line = document.places.line((*first[name], "id"))
            said = f"the id {shown(name)} is taken in line {line}; every id is given once"
            yield document.problem((*place, "id"), said)
        elif isinstance(name, str):
            first[name] = place


def _rubric(
    document: Document, path: Path, prompt: dict[str, Any], known: Collection[str] | None
) -> Iterator[Problem]:
    rubric = prompt.get("rubric")
    if known is not None and isinstance(rubric, str) and rubric not in known:
        said = f"there is no rubric {shown(rubric)}{did_you_mean(rubric, sorted(known))}"
        yield document.problem((*path, "rubric"), said)


def _borrowed(document: Document, path: Path, prompt: dict[str, Any]) -> Iterator[Problem]:
    """A coding prompt that comes from somebody else's site points there and quotes nothing."""
    text, url = prompt.get("text"), prompt.get("url")
    if prompt.get("track") != "coding" or not isinstance(text, str):
        return
    if "url" not in prompt and "source" not in prompt:
        if _STATEMENT.search(text):
            said = (
                "this reads like a site's statement; give title and url instead, or ask it in your own words"
            )
            yield document.problem((*path, "text"), said, WARNING)
        return
    for key in ("title", "url"):
        if key not in prompt:
            said = f"it comes from somewhere else, so it needs a {key}: point there, and quote nothing"
            yield document.problem(path, said, WARNING)
    if isinstance(url, str) and (len(text) > LONGEST_POINTER or _STATEMENT.search(text)):
        said = "statements belong to their site; write the title, and that the statement is at the link"
        yield document.problem((*path, "text"), said, WARNING)


def _former_ids(document: Document) -> Iterator[Problem]:
    prompts = {
        table["id"]: (path, table) for path, table in _tables(document, ("prompt",)) if _is_text(table, "id")
    }
    claimed: dict[str, str] = {}
    for name, (path, prompt) in prompts.items():
        for index, former in enumerate(_list(prompt.get("was"))):
            place: Path = (*path, "was", index)
            if former == name:
                yield document.problem(
                    place, "a prompt cannot have been itself; name its former id, or leave it out"
                )
            elif former in claimed:
                said = f"{shown(former)} was {claimed[former]!r} already; an id has one heir"
                yield document.problem(place, said)
            elif former in prompts and prompts[former][1].get("retired") is not True:
                line = document.places.line(prompts[former][0])
                said = f"{shown(former)} is still asked (line {line}); retire it there, or leave it out here"
                yield document.problem(place, said)
            claimed.setdefault(former, name)
        yield from _heir(document, name, prompts)


def _heir(
    document: Document, name: str, prompts: dict[str, tuple[Path, dict[str, Any]]]
) -> Iterator[Problem]:
    path, prompt = prompts[name]
    heir = prompt.get("replaced_by")
    if not isinstance(heir, str):
        return
    place: Path = (*path, "replaced_by")
    if prompt.get("retired") is not True:
        yield document.problem(
            place, "only a retired prompt is replaced; add retired = true, or leave it out"
        )
    if heir not in prompts:
        others = [other for other in prompts if other != name]
        hint = f"; did you mean {near!r}?" if (near := nearest(heir, others)) else ""
        yield document.problem(place, f"no prompt of this pack is called {shown(heir)}{hint}")
        return
    seen = {name}
    while heir in prompts and heir not in seen:
        seen.add(heir)
        heir = prompts[heir][1].get("replaced_by") if _is_text(prompts[heir][1], "replaced_by") else ""
    if heir == name:
        yield document.problem(
            place, "it is replaced by itself, in a circle; end at a prompt that is still asked"
        )


def _twins(document: Document) -> Iterator[Problem]:
    texts: dict[str, Path] = {}
    links: dict[str, Path] = {}
    for path, prompt in _tables(document, ("prompt",)):
        if prompt.get("retired") is True:
            continue
        if _is_text(prompt, "text"):
            # Text without a single letter or digit has no words to compare.
            key = normalised(prompt["text"]) or prompt["text"].strip()
            if (twin := texts.setdefault(key, path)) != path:
                line = document.places.line((*twin, "text"))
                yield document.problem((*path, "text"), f"line {line} asks the same; keep one of the two")
                continue
        if _is_text(prompt, "url"):
            link = prompt["url"].casefold().rstrip("/")
            if (twin := links.setdefault(link, path)) != path:
                line = document.places.line((*twin, "url"))
                said = f"line {line} has the same link; if it is the same problem, keep one of the two"
                yield document.problem((*path, "url"), said, WARNING)


def _licence(document: Document, path: Path, table: Any) -> Iterator[Problem]:
    licence = table.get("license") if isinstance(table, dict) else None
    if not isinstance(licence, str) or licence in _LICENCES:
        return
    place: Path = (*path, "license")
    if licence.startswith("LicenseRef"):
        if not _LICENCE_REF.fullmatch(licence):
            said = f"{shown(licence)} is incomplete; write LicenseRef-private, or LicenseRef-facts"
            yield document.problem(place, said)
        return
    if re.fullmatch(r"[A-Za-z0-9.+() -]+", licence) and re.search(r" (AND|OR|WITH) ", licence):
        return
    near = nearest(licence, _LICENCES)
    hint = f"did you mean {near!r}?" if near else "what nobody else may use is LicenseRef-private"
    yield document.problem(place, f"{shown(licence)} is no licence known here (an SPDX id); {hint}", WARNING)


def _list(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _is_text(table: dict[str, Any], key: str) -> bool:
    return isinstance(table.get(key), str)
