"""Packs and rubrics from their files: ours, and those that a group brings along."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, TypeVar

from core.packs.model import Check, Item, Pack, Prompt, Reveal, Rubric, Source
from core.packs.problems import PackError, Problem
from core.packs.vocabulary import LEVELS

Made = TypeVar("Made")


def load_pack(
    source: bytes, name: str, *, known_rubrics: Collection[str] | None = None, checked: bool = False
) -> Pack:
    """The pack in ``source``, the bytes of a TOML file that messages call ``name``.

    Everything that ``check_pack`` calls an error raises ``PackError`` with all problems, so a pack that comes
    back is sound; ``known_rubrics`` is as there. ``checked`` says that these very bytes passed before (they
    are our own, or kept by their hash) and saves the check, about a tenth of a second.
    """
    if not checked:
        from core.packs.check import check_pack  # loads jsonschema, which reading alone does not need

        _refuse(check_pack(source, name, known_rubrics))
    try:
        data = tomllib.loads(source.decode("utf-8-sig"))
        return _pack(data, sha256(source).hexdigest())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(name, error) from error


def load_rubrics(source: bytes, name: str, *, checked: bool = False) -> dict[str, Rubric]:
    """The rubrics in ``source`` by id, in the order of the file; ``PackError`` as from ``load_pack``."""
    if not checked:
        from core.packs.check import check_rubrics

        _refuse(check_rubrics(source, name))
    try:
        data = tomllib.loads(source.decode("utf-8-sig"))
        return {table["id"]: _rubric(table) for table in data["rubric"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(name, error) from error


def starter_files() -> dict[str, bytes]:
    """The bytes of the packs that we ship, by file name, in the order of the names."""
    folder = resources.files("core.packs").joinpath("starter")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name
    )
    return {file.name: file.read_bytes() for file in files}


@cache
def starter_pack(source: bytes, name: str) -> Pack:
    """The pack in one of ``starter_files``, read once in a process: a tenth of a second for all of them."""
    return load_pack(source, name, checked=True)


def rubrics_file() -> bytes:
    """The bytes of the rubrics that we ship."""
    return resources.files("core.packs").joinpath("rubrics.toml").read_bytes()


def starter_packs() -> list[Pack]:
    """The packs that we ship, in the order of their file names; the tests check them, so reading does not."""
    return list(_starter_packs())


def starter_rubrics() -> dict[str, Rubric]:
    """The rubrics that we ship, by id. Every ``Prompt.rubric`` names one of them."""
    return dict(_starter_rubrics())


@cache
def _starter_packs() -> tuple[Pack, ...]:
    return tuple(starter_pack(source, name) for name, source in starter_files().items())


@cache
def _starter_rubrics() -> Mapping[str, Rubric]:
    return load_rubrics(rubrics_file(), "rubrics.toml", checked=True)


def _refuse(problems: list[Problem]) -> None:
    if any(problem.is_error for problem in problems):
        raise PackError(tuple(problems))


def _unreadable(name: str, error: Exception) -> PackError:
    said = f"the file cannot be read as it is ({type(error).__name__}); run 'starling pack check' on it"
    return PackError((Problem(name, 1, "", said),))


def _pack(data: Mapping[str, Any], digest: str) -> Pack:
    pack = data["pack"]
    return Pack(
        id=pack["id"],
        version=pack["version"],
        title=_text(pack["title"]),
        license=_text(pack["license"]),
        sha256=digest,
        prompts=tuple(_prompt(pack["id"], table) for table in data["prompt"]),
        language=pack.get("language", "en"),
        description=_text(pack.get("description")),
        authors=_texts(pack, "authors"),
        homepage=_text(pack.get("homepage")),
        updated=_date(pack.get("updated")),
    )


def _prompt(pack: str, table: Mapping[str, Any]) -> Prompt:
    levels = table.get("level") or LEVELS
    return Prompt(
        pack=pack,
        id=table["id"],
        track=table["track"],
        text=_text(table["text"]),
        title=_text(table.get("title")),
        url=_text(table.get("url")),
        levels=tuple(level for level in LEVELS if level in levels),
        difficulty=table.get("difficulty"),
        minutes=table.get("minutes"),
        competencies=_texts(table, "competencies"),
        companies=_texts(table, "companies"),
        tags=_texts(table, "tags"),
        audience=table.get("audience"),
        follow_ups=_texts(table, "follow_ups"),
        reveal=tuple(_reveal(reveal) for reveal in table.get("reveal", ())),
        notes=_text(table.get("notes")),
        good=_texts(table, "good"),
        rubric=table.get("rubric"),
        checks=tuple(Check(check["id"], _text(check["label"])) for check in table.get("checks", ())),
        source=_source(table.get("source")),
        was=_texts(table, "was"),
        retired=table.get("retired", False),
        replaced_by=table.get("replaced_by"),
    )


def _reveal(table: Mapping[str, Any]) -> Reveal:
    return Reveal(
        id=table["id"],
        ask=_text(table["ask"]),
        answer=_text(table["answer"]),
        words=_texts(table, "words"),
        key=table.get("key", False),
    )


def _source(table: Mapping[str, Any] | None) -> Source | None:
    if table is None:
        return None
    return Source(
        title=_text(table.get("title")),
        url=_text(table.get("url")),
        license=_text(table.get("license")),
        retrieved=_date(table.get("retrieved")),
    )


def _rubric(table: Mapping[str, Any]) -> Rubric:
    items = tuple(
        Item(item["id"], _text(item["label"]), item.get("step", "+"), _texts(item, "seed"))
        for item in table["items"]
    )
    return Rubric(table["id"], _text(table["title"]), items)


def _text(value: Any) -> Any:
    # The check warns of blanks at the ends; here they go.
    return None if value is None else value.strip()


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(value.strip() for value in table.get(key, ()))


def _date(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, datetime.date) else value
