"""The first tagger: phrases and rules by hand, for what a sentence says and for where it stands.

Each signal of a sentence (see `signals.py`) adds to the score of each label; the scores of a sentence, taken as a
softmax, say what it looks like on its own. Then comes the order of the story. Most people tell a story in its order,
and some do not ("we cut waste by half; here is how"), so two views are held: in order, where one part follows another
as `_FOLLOWS` and `_AT` say, and in no order at all. How well the sentences fit the first view decides between them.

The signals are made by hand. Their weights began as a logistic regression over the training text, each sentence by
itself; what was small was dropped and the rest rounded to quarters, which costs a point and leaves a table that can
be read and argued about. The tagger that is trained at build time takes this one's place behind the same seam.
"""

from collections.abc import Sequence
from math import exp, log

from core.feedback.signals import signals_of
from core.feedback.tagger import LABELS, Tagged

__all__ = ["RulesTagger"]

Row = tuple[float, float, float, float, float]  # one number for each of S, T, A, R, O

_WEIGHTS: dict[str, Row] = {
    # signal            S      T      A      R      O
    # what is said
    "setting": (1.00, -0.25, -0.50, 0.00, -0.50),
    "routine": (0.50, -0.25, 0.25, -0.25, -0.50),
    "had": (1.00, 0.25, 0.00, -0.25, -1.25),
    "year": (0.75, 0.00, -0.50, -0.25, 0.00),
    "duty": (-0.50, 2.00, -1.00, -0.25, -0.25),
    "aim": (-0.25, 1.75, -0.25, -1.00, -0.25),
    "limit": (-0.50, 1.00, -0.50, 0.00, 0.00),
    "i may": (-0.25, 0.50, 0.25, -0.75, 0.00),
    "order": (-0.50, 0.25, 0.75, -0.50, 0.00),
    "means": (0.00, -0.50, 1.00, -0.25, -0.50),
    "reason": (-0.25, 0.25, 0.50, 0.00, -0.50),
    "option": (-0.50, -0.25, 1.00, 0.00, 0.00),
    "outcome": (-0.25, 0.00, -0.25, 1.25, -0.50),
    "change": (0.00, 0.00, -0.25, 0.75, -0.50),
    "lasting": (0.25, -0.75, -0.75, 1.00, 0.00),
    "praise": (0.00, 0.25, -0.25, 0.75, -0.50),
    "lesson": (-0.50, -0.25, -1.00, 2.00, -0.25),
    "pct": (-0.50, -0.25, 0.00, 1.00, -0.25),
    "money": (-0.25, 0.00, -0.75, 1.25, -0.25),
    "number": (0.75, 0.00, 0.25, 0.25, -1.25),
    "aside": (-0.25, -0.75, -0.50, -0.25, 2.00),
    "general": (0.00, -0.50, -0.50, 0.00, 1.25),
    "hypothetical": (-0.25, 0.00, 0.50, -0.50, 0.00),
    # who does it
    "i acted": (-0.50, -0.50, 2.00, -1.00, -0.25),
    "i mind": (-0.75, 0.75, 0.50, 0.25, -0.75),
    "i other": (-0.75, -0.25, -0.25, 0.00, 1.25),
    "i past": (-0.50, 0.00, 0.75, 0.00, -0.25),
    "i state": (0.50, 0.25, -0.50, -0.50, 0.25),
    "it acted": (0.25, -0.25, 0.75, -0.50, -0.25),
    "it may": (0.00, -0.50, 0.75, -0.25, 0.25),
    "they acted": (0.50, -0.75, 0.50, 0.50, -0.75),
    "they became": (-0.25, -0.50, 0.00, 0.50, 0.00),
    "they may": (0.00, 0.00, 0.75, -0.25, -0.50),
    "they mind": (0.75, -0.25, 0.50, -0.75, -0.25),
    "they past": (0.00, -0.25, -0.25, 0.50, 0.00),
    "they state": (0.25, -0.50, 0.25, 0.25, -0.25),
    "we acted": (-0.50, -0.50, 1.25, 0.00, -0.25),
    "we may": (-0.25, 0.75, 0.25, -0.25, -0.50),
    "we past": (-0.25, -0.75, 0.25, 0.75, 0.00),
    "we state": (0.75, 0.00, 0.00, -0.25, -0.75),
    # what the sentence begins with
    "subject:doing": (0.25, 0.00, 0.25, 0.00, -0.50),
    "subject:i": (-0.50, 0.75, 0.75, -0.75, -0.25),
    "subject:it": (-0.25, 0.00, -0.50, 0.25, 0.50),
    "subject:left out": (-1.25, 0.00, 1.75, -0.75, 0.25),
    "subject:my": (-0.75, 0.75, 0.25, -0.50, 0.25),
    "subject:others": (0.00, 0.50, -0.50, 0.25, -0.25),
    "subject:our": (1.25, 0.00, -0.50, -0.50, -0.25),
    "subject:thing": (0.50, 0.25, -0.25, 0.50, -1.00),
    "subject:we": (0.00, 0.00, 0.50, 0.00, -0.50),
    # tense and form
    "past": (0.50, -0.25, 0.50, 0.50, -1.00),
    "present": (-0.25, -0.25, -0.25, 0.00, 0.75),
    "was": (0.25, 0.75, 0.00, -0.25, -0.50),
    "would": (0.25, 0.00, 0.00, -1.00, 0.75),
    "progressive": (0.75, -0.25, 0.00, -0.50, 0.00),
    "me": (-0.25, 0.50, -0.25, -0.50, 0.50),
    "short": (-0.25, 0.25, -1.00, 0.25, 0.75),
    "long": (1.25, -0.50, 1.00, -1.25, -0.50),
    "unpunctuated": (0.00, 0.50, 0.00, 0.25, -1.00),
    "every sentence": (0.00, -0.50, 0.25, 0.25, 0.25),
}

# How often a label comes up, and, in a story told in order: how it begins, what follows what, and what stands in
# each fifth of it. Shares; every line makes 1, but for rounding. Counted in the training text, except that a result
# which comes first, and a situation after it, are given more room by hand: it costs nothing and finds more of them.
_SHARE: Row = (0.22, 0.11, 0.36, 0.24, 0.07)
_FIRST: Row = (0.67, 0.03, 0.01, 0.12, 0.17)
_FOLLOWS: tuple[Row, ...] = (
    (0.45, 0.37, 0.15, 0.01, 0.02),  # after S
    (0.02, 0.20, 0.78, 0.01, 0.01),  # after T
    (0.05, 0.01, 0.63, 0.29, 0.02),  # after A
    (0.15, 0.01, 0.05, 0.69, 0.10),  # after R
    (0.40, 0.05, 0.06, 0.03, 0.46),  # after O
)
_AT: tuple[Row, ...] = (
    (0.74, 0.11, 0.01, 0.03, 0.11),  # first fifth
    (0.22, 0.39, 0.32, 0.01, 0.05),
    (0.07, 0.06, 0.82, 0.03, 0.02),
    (0.06, 0.01, 0.62, 0.28, 0.03),
    (0.01, 0.01, 0.06, 0.81, 0.12),  # last fifth
)
_AT_POWER = 0.8  # the two tables know partly the same things
_ORDERED = 0.7  # how many stories are told in order, before a word is read
_BIAS = "every sentence"
# How likely the likeliest sentence must be, for a part to count as told; read off the training text with one part
# taken out of each answer. Actions are seen everywhere, so they need more.
_TOLD: Row = (0.48, 0.46, 0.68, 0.52, 0.50)

_N = len(LABELS)
_FIFTHS = len(_AT)


def _normal(row: Sequence[float]) -> list[float]:
    total = sum(row)
    return [value / total for value in row]


def _steps() -> list[list[list[float]]]:
    """For each fifth of the story, the share of every label after every label."""
    mean = [sum(row[label] for row in _AT) / _FIFTHS for label in range(_N)]
    return [
        [
            _normal([row[label] * (at[label] / mean[label]) ** _AT_POWER for label in range(_N)])
            for row in _FOLLOWS
        ]
        for at in _AT
    ]


_STEPS = _steps()


class RulesTagger:
    """Phrases, rules and position; holds no state. An answer of 300 words takes about 3 ms."""

    name = "rules-1"

    def tag(self, sentences: Sequence[str], question: str | None = None) -> list[Tagged]:
        """See `Tagger.tag`. The question is not looked at: it adds nothing (feedback.md)."""
        alone = [_look(sentence) for sentence in sentences]
        return [_tagged(*each) for each in zip(sentences, alone, _in_context(alone), strict=True)]


def _tagged(sentence: str, alone: list[float], told: list[float]) -> Tagged:
    best = max(range(_N), key=told.__getitem__)
    # Halfway between both views, a part that is not there is found missing most often (training text).
    presence = {
        label: _against((a + b) / 2, usual)
        for label, a, b, usual in zip(LABELS, alone, told, _TOLD, strict=True)
    }
    return Tagged(sentence, LABELS[best], told[best], dict(zip(LABELS, told, strict=True)), presence)


def _against(share: float, usual: float) -> float:
    """`share` on a scale where `usual` is a half: the odds, divided by the usual ones."""
    odds, usual_odds = share / max(1 - share, 1e-9), usual / (1 - usual)
    return odds / (odds + usual_odds)


def _look(sentence: str) -> list[float]:
    """What a sentence looks like on its own: a share for each label."""
    scores = list(_WEIGHTS[_BIAS])
    for name in signals_of(sentence).names:
        row = _WEIGHTS.get(name)
        if row is not None:
            for label in range(_N):
                scores[label] += row[label]
    top = max(scores)
    return _normal([exp(score - top) for score in scores])


def _in_context(alone: list[list[float]]) -> list[list[float]]:
    """The shares once the order is taken into account (forward and backward over the labels)."""
    if not alone:
        return []
    count = len(alone)
    # What the sentence itself says, without how common its labels are: the order brings that in again.
    evidence = [[share / usual for share, usual in zip(row, _SHARE, strict=True)] for row in alone]
    steps = [_STEPS[int((number + 0.5) / count * _FIFTHS)] for number in range(count)]
    forward = [[start * seen for start, seen in zip(_FIRST, evidence[0], strict=True)]]
    fit = log(sum(forward[0]))  # log of how much better the text fits a story in order than one in no order
    forward[0] = _normal(forward[0])
    for number in range(1, count):
        last, step, seen = forward[-1], steps[number], evidence[number]
        row = [
            seen[label] * sum(last[before] * step[before][label] for before in range(_N))
            for label in range(_N)
        ]
        fit += log(sum(row))
        forward.append(_normal(row))
    backward = [1.0] * _N
    ordered = 1 / (1 + exp(-max(-30.0, min(30.0, fit + log(_ORDERED / (1 - _ORDERED))))))
    shares: list[list[float]] = [[]] * count
    for number in range(count - 1, -1, -1):
        told = _normal([a * b for a, b in zip(forward[number], backward, strict=True)])
        shares[number] = [ordered * a + (1 - ordered) * b for a, b in zip(told, alone[number], strict=True)]
        step, seen = steps[number], evidence[number]
        backward = _normal(
            [
                sum(step[label][after] * seen[after] * backward[after] for after in range(_N))
                for label in range(_N)
            ]
        )
    return shares
