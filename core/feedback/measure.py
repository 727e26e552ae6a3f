"""How well the room does on labelled answers: `python -m core.feedback.measure FILE...`

A file holds one answer a line: `{"id", "question", "sentences": [{"text", "label"}], "checks": {name: true or
false}}`, labels S T A R O; `checks` may be left out. Printed for each file, and for all of them when there are
several, figures with the range in which 95 of 100 samples of answers would have them (bootstrap by answer):

- the F1 of each label and their unweighted mean (macro), sentences in order, and shuffled within each answer (the
  tagger alone: headings are not looked at);
- presence: balanced accuracy of "met" for each part, as the answers stand, and with copies from which that part was
  taken out standing against the originals (which real answers without the part are too few to show);
- checks: balanced accuracy of "met", and how much of the rest is called unsure; of "missing", how much was wrong;
- calibration: how sure the tagger said it was, against how often it was right, and the mean gap (ECE);
- milliseconds of one core for 300 words, everything included.
"""

import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any, Final

from core.feedback.bootstrap import Range, accuracy_range, f1_range
from core.feedback.calibration import Calibration, calibration
from core.feedback.checks import TITLES
from core.feedback.reading import DEFAULT_TAGGER, read
from core.feedback.tagger import LABELS, Label, Tagger

__all__ = [
    "Answer",
    "Calibration",
    "Figures",
    "Items",
    "calibration",
    "load",
    "macro_f1",
    "main",
    "measure",
    "report",
]

_SEED: Final = 20  # of the shuffling; the answer's id is added
_PARTS: Final[Mapping[Label, str]] = {
    "S": "has_situation",
    "T": "has_task",
    "A": "has_action",
    "R": "has_result",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One labelled answer: its sentences with the true label of each, and the true state of some checks."""

    id: str
    question: str | None
    texts: tuple[str, ...]
    labels: tuple[Label, ...]
    checks: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Items:
    """How one item did: `balanced` accuracy of "met" (mean of both hit rates; None when one side has no answers),
    `answers` that had and had not the item, the share called `unsure`, and how many of `missing` were wrong."""

    balanced: float | None
    answers: tuple[int, int]
    unsure: float
    missing: int
    missing_wrong: int
    range: Range | None = None  # of `balanced`


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a set of answers. F1 and accuracies run from 0 to 1; `milliseconds` are for 300 words."""

    answers: int
    sentences: int
    macro: float
    f1: Mapping[str, float]
    shuffled: float
    presence: Mapping[str, Items]
    removed: Mapping[str, Items]
    checks: Mapping[str, Items]
    milliseconds: float
    macro_range: Range
    shuffled_range: Range
    calibration: Calibration


def load(path: str | Path) -> list[Answer]:
    """The answers of a JSON lines file; blank lines are passed over. ValueError names the line that is wrong."""
    answers = []
    for number, line in enumerate(Path(path).read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            answers.append(_answer(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}: no labelled answer ({error!r})") from error
    return answers


def _answer(given: Mapping[str, Any]) -> Answer:
    labels = tuple(sentence["label"] for sentence in given["sentences"])
    if not set(labels) <= set(LABELS):
        raise ValueError(f"labels are {' '.join(LABELS)}")
    texts = tuple(str(sentence["text"]) for sentence in given["sentences"])
    checks = {name: bool(state) for name, state in (given.get("checks") or {}).items() if name in TITLES}
    return Answer(str(given.get("id")), given.get("question"), texts, labels, checks)


def measure(answers: Sequence[Answer], tagger: Tagger = DEFAULT_TAGGER) -> Figures:
    """The figures of `answers`, which are not changed. The same answers give the same figures, but for the time."""
    read("The first answer of a process pays for compiling the phrases; it is not timed.")
    began = process_time()
    readings = [read(sentences=answer.texts, question=answer.question, tagger=tagger) for answer in answers]
    seconds = process_time() - began
    states = [{name: check.state for name, check in reading.checks.items()} for reading in readings]
    truth = [label for answer in answers for label in answer.labels]
    found = [sentence.label for reading in readings for sentence in reading.sentences]
    f1 = _f1(truth, found)
    shuffled = [_shuffled(answer) for answer in answers]
    mixed = [[each.label for each in tagger.tag(answer.texts, answer.question)] for answer in shuffled]
    there = [{name: label in answer.labels for label, name in _PARTS.items()} for answer in answers]
    return Figures(
        answers=len(answers),
        sentences=len(truth),
        macro=sum(f1.values()) / len(f1),
        f1=f1,
        shuffled=macro_f1([answer.labels for answer in shuffled], mixed),
        presence={
            name: _items((has[name], state[name]) for has, state in zip(there, states, strict=True))
            for name in _PARTS.values()
        },
        removed={name: _removed(answers, states, label, name, tagger) for label, name in _PARTS.items()},
        checks={
            name: _items(
                (answer.checks[name], state[name])
                for answer, state in zip(answers, states, strict=True)
                if name in answer.checks
            )
            for name in TITLES
            if any(name in answer.checks for answer in answers)
        },
        milliseconds=1000 * seconds * 300 / max(1, sum(reading.words for reading in readings)),
        macro_range=f1_range(
            [answer.labels for answer in answers],
            [[each.label for each in reading.sentences] for reading in readings],
        ),
        shuffled_range=f1_range([answer.labels for answer in shuffled], mixed),
        calibration=calibration(
            (each.confidence, each.label == label)
            for answer, reading in zip(answers, readings, strict=True)
            for each, label in zip(reading.sentences, answer.labels, strict=True)
        ),
    )


def _joined(
    truth: Sequence[Sequence[Label]], found: Sequence[Sequence[Label]]
) -> tuple[list[Label], list[Label]]:
    return [label for each in truth for label in each], [label for each in found for label in each]


def _removed(
    answers: Sequence[Answer], states: Sequence[Mapping[str, str]], label: Label, name: str, tagger: Tagger
) -> Items:
    """The answers that have the part, each against itself without it."""
    pairs: list[tuple[bool, str]] = []
    for answer, state in zip(answers, states, strict=True):
        rest = [text for text, part in zip(answer.texts, answer.labels, strict=True) if part != label]
        if rest and len(rest) < len(answer.texts):
            without = read(sentences=rest, question=answer.question, tagger=tagger)
            pairs += [(True, state[name]), (False, without.checks[name].state)]
    return _items(pairs)


def _shuffled(answer: Answer) -> Answer:
    pairs = list(zip(answer.texts, answer.labels, strict=True))
    random.Random(f"{_SEED}{answer.id}").shuffle(pairs)
    texts, labels = tuple(text for text, _ in pairs), tuple(label for _, label in pairs)
    return Answer(answer.id, answer.question, texts, labels, answer.checks)


def macro_f1(truth: Sequence[Sequence[Label]], found: Sequence[Sequence[Label]]) -> float:
    """The unweighted mean of the F1 of every label, from the true and the found labels of each answer."""
    return _mean(_f1(*_joined(truth, found)).values())


def _f1(truth: Sequence[Label], found: Sequence[Label]) -> dict[str, float]:
    """F1 of each label: 2 hits / (2 hits + wrongly given + missed)."""
    scores = {}
    for label in LABELS:
        hits = sum(is_ == got == label for is_, got in zip(truth, found, strict=True))
        scores[str(label)] = 2 * hits / max(1, truth.count(label) + found.count(label))
    return scores


def _items(pairs: Iterable[tuple[bool, str]]) -> Items:
    """`pairs` of the truth and the state given."""
    given = list(pairs)
    having = [state for has, state in given if has]
    lacking = [state for has, state in given if not has]
    balanced = None
    if having and lacking:
        balanced = (_mean(s == "met" for s in having) + _mean(s != "met" for s in lacking)) / 2
    wrong = having.count("missing")
    return Items(
        balanced,
        (len(having), len(lacking)),
        _mean(s == "unsure" for _, s in given),
        wrong + lacking.count("missing"),
        wrong,
        accuracy_range([s == "met" for s in having], [s != "met" for s in lacking]),
    )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def report(name: str, figures: Figures) -> str:
    """The figures as lines of text."""
    lines = [
        f"{name}: {figures.answers} answers, {figures.sentences} sentences",
        f"  macro-F1 {figures.macro:.3f} {_shown(figures.macro_range)}   "
        f"shuffled {figures.shuffled:.3f} {_shown(figures.shuffled_range)}   "
        + "  ".join(f"{label} {score:.3f}" for label, score in figures.f1.items()),
        f"  {figures.milliseconds:.1f} ms for 300 words",
        f"  calibration error {figures.calibration.ece:.3f}: said/right/sentences "
        + "  ".join(f"{sure:.2f}/{right:.2f}/{count}" for sure, right, count in figures.calibration.rows),
        f"  {'balanced accuracy of met':38}{'':>6}  {'':11}  with/without   unsure   missing (wrong)",
    ]
    for title, table in (
        ("presence", figures.presence),
        ("taken out", figures.removed),
        ("check", figures.checks),
    ):
        for item, found in table.items():
            score = "  -  " if found.balanced is None else f"{found.balanced:.3f}"
            counts = f"{found.answers[0]}/{found.answers[1]}"
            said = f"{found.unsure:6.2f}   {found.missing} ({found.missing_wrong})"
            lines.append(f"  {title:10}{item:28}{score:>6}  {_shown(found.range):11}  {counts:>12}   {said}")
    return "\n".join(lines)


def _shown(interval: Range | None) -> str:
    return f"[{interval[0]:.2f}-{interval[1]:.2f}]" if interval else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of the files named; exit status 2 when none is named or one cannot be read."""
    paths = list(sys.argv[1:] if arguments is None else arguments)
    if not paths:
        sys.stderr.write(
            "usage: python -m core.feedback.measure FILE...   (JSON lines with labelled sentences)\n"
        )
        return 2
    try:
        sets = {path: load(path) for path in paths}
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if len(sets) > 1:
        sets["all"] = [answer for answers in sets.values() for answer in answers]
    for path, answers in sets.items():
        sys.stdout.write(report(path, measure(answers)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
