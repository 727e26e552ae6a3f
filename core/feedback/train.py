"""Train the tagger: `python -m core.feedback.train` (or `make train-feedback`) writes `model.txt` again.

Needs python-crfsuite (the `train` extra), which nothing that runs needs; five minutes or so of one core. The same data
give the same file. Each voice (a file of `data/`) is left out once, to learn from text that the weights have not seen
how an answer in order looks and from which bounds on a part counts as told; then the weights are fitted on everything.
"""

import hashlib
import importlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Any, Final

from core.feedback.chain import normal
from core.feedback.crf_tagger import Views, order_signs, presence_of, views_of
from core.feedback.features import alone, placed, seen
from core.feedback.measure import Answer, load
from core.feedback.model import CHAINS, FILE, Model, Shape, written
from core.feedback.signals import Signals
from core.feedback.tagger import LABELS, Label

__all__ = [
    "DATA",
    "Held",
    "bounds",
    "fingerprint",
    "fit",
    "leave_one_out",
    "main",
    "order_of",
    "shuffled_order",
    "voices",
]

DATA: Final = Path(__file__).with_name("data")
NAME: Final = "crf-1"

_LEAST: Final = {"w": 2, "s": 3, "b": 3, "v": 3, "f": 3, "l": 4, "t": 4, "k": 5, "c": 3, "<": 3}  # sentences
_ROUNDS: Final = {"alone": 80, "labels": 80, "shuffled": 80, "presence": 60}
_C1, _C2 = 0.05, 2.0
_USUAL: Final = 1.0  # stories come in order more often than half of the time (logit, added by hand)
_SHARPER: Final = 2.0  # times what the regression says: a mixture of half and half serves neither kind
_SIGNS: Final = 7  # of `order_signs`
_SMALLEST: Final = 2  # tenths; a feature with no larger weight is dropped

Order = list[int]  # numbers of the sentences of an answer, in the order in which a copy has them
Read = tuple[Answer, list[Signals], list[list[str]]]


def voices(folder: Path = DATA) -> dict[str, list[Answer]]:
    """The training answers by the file they stand in, files in order of their names."""
    return {path.stem: load(path) for path in sorted(folder.glob("*.jsonl"))}


def shuffled_order(answer: Answer, seed: int = 20) -> Order:
    """The numbers of the sentences, shuffled; the same each time."""
    order = list(range(len(answer.texts)))
    random.Random(f"{seed}{answer.id}").shuffle(order)
    return order


def without(answer: Answer, label: Label) -> Order | None:
    """The numbers of the sentences that are not of the part; None if that leaves nothing, or everything."""
    rest = [number for number, each in enumerate(answer.labels) if each != label]
    return rest if 0 < len(rest) < len(answer.labels) else None


def _copies(answer: Answer, chain: str) -> Iterator[Order]:
    yield list(range(len(answer.texts)))
    if chain == "shuffled":
        yield shuffled_order(answer, 1)
    if chain == "presence":
        yield from (rest for label in LABELS[:4] if (rest := without(answer, label)))


def fit(answers: Sequence[Answer], order: Sequence[float] = (), told: Sequence[float] = ()) -> Model:
    """The weights learned from `answers`. ImportError without python-crfsuite."""
    read: list[Read] = []
    for answer in answers:
        signals = seen(answer.texts)
        read.append((answer, signals, [alone(each) for each in signals]))
    counted = Counter(name for _, _, rows in read for row in rows for name in set(row))
    kept = {name for name, count in counted.items() if count >= _LEAST.get(name[0], 1)}
    read = [
        (answer, signals, [[name for name in row if name in kept] for row in rows])
        for answer, signals, rows in read
    ]
    weights: dict[str, list[int]] = {}
    steps = []
    for at, chain in enumerate(CHAINS):
        info = _trained(chain, read)
        for (name, label), weight in info.state_features.items():
            row = weights.setdefault(name, [0] * len(LABELS) * len(CHAINS))
            row[at * len(LABELS) + LABELS.index(label)] = round(weight * 10)
        if chain != "alone":
            steps.append(
                tuple(
                    tuple(round(info.transitions.get((one, other), 0.0) * 10) for other in LABELS)
                    for one in LABELS
                )
            )
    large = {name: tuple(row) for name, row in weights.items() if max(map(abs, row)) >= _SMALLEST}
    return Model(
        NAME,
        large,
        tuple(steps),
        shape_of(answers),
        tuple(order) or (0.0,) * _SIGNS,
        tuple(told) or (0.5,) * len(LABELS),
        fingerprint(answers),
    )


def fingerprint(answers: Sequence[Answer]) -> str:
    """A short hash of the features of every tenth answer: another one means that the weights fit no longer."""
    found = hashlib.sha256()
    for answer in answers[::10]:
        signals = seen(answer.texts)
        for each, place in zip(signals, placed(signals), strict=True):
            found.update("\n".join(alone(each) + place).encode())
    return found.hexdigest()[:16]


def shape_of(answers: Sequence[Answer]) -> Shape:
    """How the parts of `answers` follow each other; nothing is counted as impossible."""
    size = range(len(LABELS))
    usual, first = [1.0 for _ in size], [1.0 for _ in size]
    follows, fifths = [[0.5 for _ in size] for _ in size], [[1.0 for _ in size] for _ in range(5)]
    for answer in answers:
        parts = [LABELS.index(label) for label in answer.labels]
        first[parts[0]] += 1
        for one, other in pairwise(parts):
            follows[one][other] += 1
        for number, part in enumerate(parts):
            usual[part] += 1
            fifths[(number * 2 + 1) * 5 // (2 * len(parts))][part] += 1

    def shares(row: Sequence[float]) -> tuple[float, ...]:
        return tuple(max(0.01, round(share, 2)) for share in normal(row))

    return Shape(shares(usual), shares(first), tuple(map(shares, follows)), tuple(map(shares, fifths)))


def _trained(chain: str, read: Sequence[Read]) -> Any:
    crfsuite = importlib.import_module("pycrfsuite")
    trainer = crfsuite.Trainer(verbose=False)
    for answer, signals, rows in read:
        if chain == "alone":
            for row, label in zip(rows, answer.labels, strict=True):
                trainer.append([row], [label])
            continue
        for copy in _copies(answer, chain):
            places = placed([signals[number] for number in copy])
            found = [rows[number] + place for number, place in zip(copy, places, strict=True)]
            trainer.append(found, [answer.labels[number] for number in copy])
    trainer.set_params(
        {"c1": _C1, "c2": _C2, "max_iterations": _ROUNDS[chain], "feature.possible_transitions": True}
    )
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "chain.crfsuite")
        trainer.train(path)
        tagger = crfsuite.Tagger()
        tagger.open(path)
        info = tagger.info()
        tagger.close()
    return info


@dataclass(frozen=True, slots=True)
class Held:
    """One answer as a model sees it that was not trained on its voice: as it is, shuffled, and without each part."""

    voice: str
    answer: Answer
    whole: Views
    mixed: Views
    lacking: Mapping[Label, Views]


def held(voice: str, answers: Sequence[Answer], model: Model) -> list[Held]:
    """What `model` makes of `answers`."""
    factors = model.factors
    found = []
    for answer in answers:

        def views(order: Order, answer: Answer = answer) -> Views:
            return views_of([answer.texts[number] for number in order], model, factors)

        lacking = {label: views(rest) for label in LABELS[:4] if (rest := without(answer, label))}
        whole = views(list(range(len(answer.texts))))
        found.append(Held(voice, answer, whole, views(shuffled_order(answer)), lacking))
    return found


def leave_one_out(by_voice: Mapping[str, Sequence[Answer]], tell: Callable[[str], object]) -> list[Held]:
    """Every answer, seen by a model trained on the other voices."""
    found: list[Held] = []
    for voice, answers in by_voice.items():
        tell(f"training without {voice}")
        rest = [answer for other, each in by_voice.items() if other != voice for answer in each]
        found += held(voice, answers, fit(rest))
    return found


def order_of(found: Sequence[Held]) -> tuple[float, ...]:
    """The weights of `order_signs` that tell answers as they are from shuffled ones (a logistic regression)."""
    rows = [
        (order_signs(views), truth)
        for each in found
        for views, truth in ((each.whole, 1.0), (each.mixed, 0.0))
    ]
    width, count = len(rows[0][0]), len(rows)
    means = [sum(row[at] for row, _ in rows) / count for at in range(width)]
    spread = [
        (sum((row[at] - means[at]) ** 2 for row, _ in rows) / count) ** 0.5 or 1.0 for at in range(width)
    ]
    scaled = [
        ([1.0, *((row[at] - means[at]) / spread[at] for at in range(1, width))], truth) for row, truth in rows
    ]
    weights = [0.0] * width
    for _ in range(400):
        slope = [0.0] * width
        for row, truth in scaled:
            error = 1 / (1 + exp(-sum(w * x for w, x in zip(weights, row, strict=True)))) - truth
            for at, value in enumerate(row):
                slope[at] += error * value
        weights = [
            w - 0.8 * (s / count + (0.02 * w if at else 0))
            for at, (w, s) in enumerate(zip(weights, slope, strict=True))
        ]
    weights = [_SHARPER * weight for weight in weights]
    plain = [weights[at] / spread[at] for at in range(1, width)]
    base = weights[0] - sum(w * means[at] for at, w in enumerate(plain, 1)) + _USUAL
    return (round(base, 3), *(round(w, 3) for w in plain))


def bounds(found: Sequence[Held]) -> tuple[float, ...]:
    """For each part the bound with the best balanced accuracy: answers as they are against those without the part.

    A half where there are no answers with the part, or none without it.
    """
    best = []
    for at, label in enumerate(LABELS[:4]):
        having: list[float] = []
        lacking: list[float] = []
        for each in found:
            top = max(row[at] for row in presence_of(each.whole))
            (having if label in each.answer.labels else lacking).append(top)
            if label in each.lacking:
                lacking.append(max(row[at] for row in presence_of(each.lacking[label])))
        if not having or not lacking:
            best.append(0.5)
            continue
        scores = [
            (
                sum(top >= step / 100 for top in having) / len(having)
                + sum(top < step / 100 for top in lacking) / len(lacking),
                -step,
            )
            for step in range(5, 99)
        ]
        best.append(-max(scores)[1] / 100)
    return (*best, 0.5)


def main() -> int:
    """Train on everything and write the file; exit status 1 without python-crfsuite."""
    try:
        by_voice = voices()
        found = leave_one_out(by_voice, lambda line: sys.stderr.write(line + "\n"))
        sys.stderr.write("training on everything\n")
        everything = [answer for answers in by_voice.values() for answer in answers]
        model = fit(everything, order_of(found), bounds(found))
    except ImportError as error:
        sys.stderr.write(f"{error}. Training needs python-crfsuite: make train-feedback installs it.\n")
        return 1
    FILE.write_text(written(model), "utf-8")
    sys.stderr.write(f"{FILE}: {len(model.weights)} features, {FILE.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
