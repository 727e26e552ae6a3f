"""The trained tagger's weights: what they are, and the text file they are kept in (`model.txt`, card: model-card.md).

The file is made by `make train-feedback` and read at the first answer. Its first lines are `name value...`, then
after an empty line one line for each feature: the feature, a tab, and its weights in tenths, five for each of the
four chains of `CHAINS`, chains divided by "/", a chain without weights left empty.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Final

__all__ = ["CHAINS", "FILE", "Model", "Shape", "load", "parsed", "written"]

CHAINS: Final = ("alone", "labels", "shuffled", "presence")
"""`alone`: each sentence by itself. `labels`: trained on answers as they are. `shuffled`: on shuffled copies, too.
`presence`: on copies from which a whole part was taken, too."""

FILE: Final = Path(__file__).with_name("model.txt")
_LABELS: Final = 5
_ABSENT: Final = " ".join("0" * _LABELS)
_TENTHS: Final = 10


Table = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Shares of the labels, counted in the training answers: of all sentences, of the first ones, of those that follow
    each label, and of those in each fifth of an answer. Every row makes 1, but for rounding."""

    usual: tuple[float, ...]
    first: tuple[float, ...]
    follows: Table
    fifths: Table


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by feature (tenths, chain after chain), factors from label to label for each chain but `alone`.

    `shape`: how stories in order go. `order`: how the signs of such a story are weighed (`crf_tagger.order_signs`).
    `told`: for each label, how likely the likeliest sentence must be for the part to count as told. `features`: a
    fingerprint of the features of the training text, by which one sees that phrases were changed since.
    """

    name: str
    weights: Mapping[str, tuple[int, ...]]
    steps: tuple[tuple[tuple[int, ...], ...], ...]
    shape: Shape
    order: tuple[float, ...]
    told: tuple[float, ...]
    features: str

    @property
    def factors(self) -> list[list[list[float]]]:
        """`steps` as factors."""
        return [[[exp(weight / _TENTHS) for weight in row] for row in chain] for chain in self.steps]


@cache
def load() -> Model:
    """The model that is shipped. Reads the file once; OSError or ValueError when it is missing or broken."""
    return parsed(FILE.read_text("utf-8"))


def written(model: Model) -> str:
    """`model` as the text of its file."""
    head = [
        f"name {model.name}",
        f"features {model.features}",
        "usual " + _numbers(model.shape.usual),
        "first " + _numbers(model.shape.first),
        "follows " + _numbers(share for row in model.shape.follows for share in row),
        "fifths " + _numbers(share for row in model.shape.fifths for share in row),
        "order " + " ".join(f"{weight:.3f}" for weight in model.order),
        "told " + _numbers(model.told),
    ]
    for chain, steps in zip(CHAINS[1:], model.steps, strict=True):
        head.append(f"steps-{chain} " + " ".join(str(weight) for row in steps for weight in row))
    lines = []
    for feature in sorted(model.weights):
        row = model.weights[feature]
        groups = [" ".join(map(str, row[start : start + _LABELS])) for start in range(0, len(row), _LABELS)]
        lines.append(feature + "\t" + "/".join("" if group == _ABSENT else group for group in groups))
    return "\n".join([*head, "", *lines, ""])


def parsed(text: str) -> Model:
    """The model of a file's text; ValueError or KeyError when it is not one."""
    head, _, body = text.partition("\n\n")
    values = dict(line.split(" ", 1) for line in head.split("\n"))
    weights = {}
    for line in body.rstrip("\n").split("\n"):
        feature, _, groups = line.rpartition("\t")
        row = " ".join([group or _ABSENT for group in groups.split("/")]).split(" ")
        weights[feature] = tuple(map(int, row))
        if len(row) != _LABELS * len(CHAINS):
            raise ValueError(f"{feature!r} has {len(row)} weights")
    read = {
        key: tuple(map(float, said.split()))
        for key, said in values.items()
        if key not in ("name", "features")
    }
    return Model(
        values["name"],
        weights,
        tuple(tuple(tuple(map(int, row)) for row in _rows(read[f"steps-{chain}"])) for chain in CHAINS[1:]),
        Shape(read["usual"], read["first"], _rows(read["follows"]), _rows(read["fifths"])),
        read["order"],
        read["told"],
        values["features"],
    )


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)


def _rows(values: Sequence[float]) -> Table:
    return tuple(tuple(values[at : at + _LABELS]) for at in range(0, len(values), _LABELS))
