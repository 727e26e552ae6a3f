"""Everything wrong with a pack, each with its line and its fix. Never raises, whatever the bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from core.packs import explain
from core.packs.content import pack_content, rubrics_content
from core.packs.document import Document, read
from core.packs.problems import Problem


def check_pack(source: bytes, name: str, known_rubrics: Collection[str] | None = None) -> list[Problem]:
    """The problems of the pack in ``source``, by line; none means that it is fine.

    ``name`` is what the problems call the file. ``known_rubrics`` are the rubric ids that a prompt may name;
    with ``None`` that is not looked at. Of more than ``explain.MOST`` problems so many are given, errors
    first. A large file made to be slow takes seconds: check what a stranger sends off the event loop.
    """
    return _check(source, name, explain.PACK_SCHEMA, lambda document: pack_content(document, known_rubrics))


def check_rubrics(source: bytes, name: str) -> list[Problem]:
    """The problems of the rubrics file in ``source``, in the same way."""
    return _check(source, name, explain.RUBRICS_SCHEMA, rubrics_content)


def _check(
    source: bytes, name: str, schema: str, content: Callable[[Document], Iterator[Problem]]
) -> list[Problem]:
    document, problems = read(source, name)
    if document is not None:
        problems += explain.against_schema(document, schema)
        problems += _enough(content(document))
    return _tidy(problems)


def _enough(found: Iterator[Problem]) -> Iterator[Problem]:
    """``found`` up to as many errors as anybody reads. Warnings never crowd out an error."""
    errors = 0
    for problem in found:
        yield problem
        errors += problem.is_error
        if errors >= explain.MOST:
            return


def _tidy(problems: list[Problem]) -> list[Problem]:
    unique = list(dict.fromkeys(problems))
    if len(unique) > explain.MOST:
        unique.sort(key=lambda problem: not problem.is_error)
        last = max(problem.line for problem in unique)
        unique = unique[: explain.MOST]
        unique.append(Problem(unique[0].file, last, "", "there is more of it; mend these first"))
    return sorted(unique, key=lambda problem: problem.line)
