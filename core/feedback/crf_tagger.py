"""The trained tagger: linear chains over the features of `features.py`, decoded in plain Python.

Four views of an answer are held, each with its own weights: every sentence by itself; a chain trained on answers as
people tell them; one trained on shuffled copies as well; one trained on copies without a whole part as well. A story
told in order is read by the three chains together, one that is not by the sentence alone and the shuffled chain. How
much the answer looks like the first kind (`order_signs`) decides how they are mixed. For presence the last chain and
the sentence alone are heard, since a chain that knows only whole stories finds a part that is not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import exp, log
from operator import mul

from core.feedback.chain import Row, in_chain, normal, on_their_own
from core.feedback.features import alone, placed, seen
from core.feedback.model import CHAINS, Model, Shape, load
from core.feedback.signals import Signals
from core.feedback.tagger import LABELS, Tagged

__all__ = ["CrfTagger", "Views", "fit_of", "in_all", "order_signs", "presence_of", "tagged_by", "views_of"]

_N = len(LABELS)
_PLACE = 0.8  # what follows what and what stands where know partly the same things
_WIDTH = _N * len(CHAINS)


@dataclass(frozen=True, slots=True)
class Views:
    """The shares of each label for each sentence, as each of the four views has them."""

    alone: list[Row]
    labels: list[Row]
    shuffled: list[Row]
    presence: list[Row]
    fit: float
    """By how much (logarithm) an order of parts as in `Shape` explains the sentences better than no order at all."""


class CrfTagger:
    """The tagger that is shipped; reads its weights at the first answer. `model` replaces the shipped ones."""

    name = "crf-1"

    def __init__(self, model: Model | None = None) -> None:
        self._given = model

    @cached_property
    def _model(self) -> Model:
        return self._given or load()

    @cached_property
    def _factors(self) -> list[list[list[float]]]:
        return self._model.factors

    def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
        """See `Tagger.tag`. The question is not looked at: it adds nothing (docs/feedback.md)."""
        if not sentences:
            return []
        signals = seen(sentences)
        views = views_of(sentences, self._model, self._factors, signals)
        return tagged_by(views, sentences, signals, self._model.order, self._model.told)


def tagged_by(
    views: Views,
    sentences: Sequence[str],
    signals: Sequence[Signals],
    order: Sequence[float],
    told: Sequence[float],
) -> list[Tagged]:
    """The sentences with their parts, as the views have them; `order` and `told` are a model's."""
    return [
        _tagged(*each, told)
        for each in zip(sentences, signals, in_all(views, order), presence_of(views), strict=True)
    ]


def _tagged(sentence: str, signals: Signals, shares: Row, told: Row, usual: Sequence[float]) -> Tagged:
    best = max(range(_N), key=shares.__getitem__)
    presence = {
        label: _against(share, bound) for label, share, bound in zip(LABELS, told, usual, strict=True)
    }
    return Tagged(
        sentence, LABELS[best], shares[best], dict(zip(LABELS, shares, strict=True)), presence, signals
    )


def _against(share: float, usual: float) -> float:
    """`share` on a scale where `usual` is a half: the odds, divided by the usual ones."""
    odds, usual_odds = share / max(1 - share, 1e-9), usual / (1 - usual)
    return odds / (odds + usual_odds)


def views_of(
    sentences: Sequence[str],
    model: Model,
    factors: Sequence[Sequence[Sequence[float]]] | None = None,
    signals: Sequence[Signals] | None = None,
) -> Views:
    """What each view says of the sentences of one answer, at least one.

    `factors` are those of `model`, and `signals` those of the sentences, for who has them at hand.
    """
    steps = model.factors if factors is None else factors
    signals = seen(sentences) if signals is None else signals
    known = model.weights.get
    scores: list[list[float]] = []
    for each, place in zip(signals, placed(signals), strict=True):
        rows = list(filter(None, map(known, chain(alone(each), place))))
        totals = map(sum, zip(*rows, strict=True)) if rows else [0] * _WIDTH
        scores.append([total / 10 for total in totals])
    by_chain = [[row[start : start + _N] for row in scores] for start in range(0, _WIDTH, _N)]
    by_itself = on_their_own(by_chain[0])
    labels, shuffled, presence = (
        in_chain(each, factor) for each, factor in zip(by_chain[1:], steps, strict=True)
    )
    return Views(by_itself, labels, shuffled, presence, fit_of(by_itself, model.shape))


def fit_of(rows: Sequence[Row], shape: Shape) -> float:
    """See `Views.fit`; `rows` are the shares of each sentence alone."""
    fit, last = 0.0, list(shape.first)
    for number, row in enumerate(rows):
        if number:
            fifth = shape.fifths[(number * 2 + 1) * 5 // (2 * len(rows))]
            steps = [
                normal(
                    [
                        share * (here / usual) ** _PLACE
                        for share, here, usual in zip(follows, fifth, shape.usual, strict=True)
                    ]
                )
                for follows in shape.follows
            ]
            last = [sum(map(mul, last, arriving)) for arriving in zip(*steps, strict=True)]
        last = [before * share / usual for before, share, usual in zip(last, row, shape.usual, strict=True)]
        total = sum(last)
        fit += log(total)
        last = [value / total for value in last]
    return fit


def order_signs(views: Views) -> list[float]:
    """How one sees that a story is told in order: 1; how well the chains agree with what each sentence says alone
    (mean logarithm); how unsure the chains are, and the sentences alone (entropy); how long the answer is; the fit,
    and the fit for each sentence."""
    count = len(views.alone)
    chained = _mean(views.labels, views.presence)
    agreement = [
        log(sum(map(mul, one, other)) + 1e-6) for one, other in zip(chained, views.alone, strict=True)
    ]
    return [
        1.0,
        sum(agreement) / count,
        _entropy(chained),
        _entropy(views.alone),
        min(count, 20) / 20,
        max(-8.0, min(8.0, views.fit)),
        views.fit / count,
    ]


def in_all(views: Views, order: Sequence[float]) -> list[Row]:
    """The shares of the labels, the views mixed."""
    fit = max(-30.0, min(30.0, sum(map(mul, order, order_signs(views)))))
    ordered = 1 / (1 + exp(-fit))
    told = _mean(views.labels, views.shuffled, views.presence)
    loose = _mean(views.alone, views.shuffled)
    return [
        [ordered * one + (1 - ordered) * other for one, other in zip(*rows, strict=True)]
        for rows in zip(told, loose, strict=True)
    ]


def presence_of(views: Views) -> list[Row]:
    """The shares by which it is judged whether a part is told."""
    return _mean(views.presence, views.alone)


def _mean(*views: Sequence[Row]) -> list[Row]:
    return [
        [sum(shares) / len(views) for shares in zip(*rows, strict=True)] for rows in zip(*views, strict=True)
    ]


def _entropy(rows: Iterable[Row]) -> float:
    each = [-sum(share * log(share + 1e-9) for share in row) for row in rows]
    return sum(each) / len(each)
