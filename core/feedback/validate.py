"""How well the method does on answers that its weights have not seen: `python -m core.feedback.validate`.

Trains again and again, so it needs python-crfsuite and a quarter of an hour of one core (`make measure-feedback`).
Printed, each with the range of 95 of 100 bootstrap samples by answer:

- by voice: each file of `data/` scored by a model trained on the others, which is the nearest to a stranger's answer;
- by answer: five folds, voices known;
- the baselines on the same answers: keywords, position alone, always yes, and the rules by hand;
- calibration, and the learning curve.

Bounds, mixing weights and the weights of the hints that score a voice or a fold come from the others, like the weights
themselves.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from core.feedback import fit_hints
from core.feedback.baselines import AlwaysYes, KeywordTagger, PositionTagger
from core.feedback.bootstrap import accuracy_range, f1_range
from core.feedback.calibration import calibration
from core.feedback.checks import TITLES, check_all
from core.feedback.crf_tagger import in_all, presence_of, tagged_by
from core.feedback.features import seen
from core.feedback.hints import WEIGHTS, Weights
from core.feedback.measure import Answer, macro_f1
from core.feedback.rules_tagger import RulesTagger
from core.feedback.tagger import LABELS, Label, Tagger, tag
from core.feedback.train import (
    Held,
    bounds,
    fit,
    held,
    leave_one_out,
    order_of,
    shuffled_order,
    voices,
    without,
)

__all__ = ["folds_of", "main", "scored"]

_FOLDS: Final = 5
_PARTS: Final[tuple[Label, ...]] = LABELS[:4]
_CHECKS: Final = tuple(name for name in TITLES if not name.startswith("has_"))
Say = Callable[[str], object]
Hits = dict[
    Label, tuple[list[bool], list[bool]]
]  # for each part, of answers with it and of answers without it


class Scored:
    """Labels and hits gathered over answers, and the line that says what they come to."""

    def __init__(self) -> None:
        self.truth: list[Sequence[Label]] = []
        self.found: list[list[Label]] = []
        self.mixed_truth: list[Sequence[Label]] = []
        self.mixed: list[list[Label]] = []
        self.sure: list[tuple[float, bool]] = []
        self.presence: Hits = {label: ([], []) for label in _PARTS}
        self.removed: Hits = {label: ([], []) for label in _PARTS}
        self.checks: dict[str, tuple[list[bool], list[bool]]] = {name: ([], []) for name in _CHECKS}
        self.missing: dict[str, list[bool]] = {name: [] for name in TITLES}
        """For each item and each answer of which it was called missing: whether it is there all the same."""

    def add(self, other: "Scored") -> None:
        """Take in what `other` gathered."""
        self.truth += other.truth
        self.found += other.found
        self.mixed_truth += other.mixed_truth
        self.mixed += other.mixed
        self.sure += other.sure
        for mine, theirs in ((self.presence, other.presence), (self.removed, other.removed)):
            for label in _PARTS:
                for side in (0, 1):
                    mine[label][side].extend(theirs[label][side])
        for name in _CHECKS:
            for side in (0, 1):
                self.checks[name][side].extend(other.checks[name][side])
        for name in TITLES:
            self.missing[name] += other.missing[name]

    def note(self, label: Label, has: bool, told: bool, told_without: bool | None) -> None:
        """What was said of one part of one answer, and of the answer without it."""
        (self.presence[label][0] if has else self.presence[label][1]).append(told == has)
        if told_without is not None:
            self.removed[label][0].append(told)
            self.removed[label][1].append(not told_without)

    def checked(self, name: str) -> str:
        """One line: balanced accuracy of "met" for the checks that the writers of the answers have judged."""
        said = []
        for check, (having, lacking) in self.checks.items():
            low, high = accuracy_range(having, lacking) or (0.0, 0.0)
            middle = (sum(having) / max(1, len(having)) + sum(lacking) / max(1, len(lacking))) / 2
            said.append(f"{check} {middle:.2f} [{low:.2f}-{high:.2f}]")
        return f"{name:14}" + "  ".join(said)

    def line(self, name: str) -> str:
        """One line: macro-F1, shuffled, presence as the answers stand, and against the answers without the part."""
        low, high = f1_range(self.truth, self.found)
        low2, high2 = f1_range(self.mixed_truth, self.mixed)
        return (
            f"{name:14}{len(self.truth):5}  {macro_f1(self.truth, self.found):.3f} [{low:.2f}-{high:.2f}]"
            f"  {macro_f1(self.mixed_truth, self.mixed):.3f} [{low2:.2f}-{high2:.2f}]"
            f"   {_balanced(self.presence)}   {_balanced(self.removed)}"
        )


def _balanced(hits: Hits) -> str:
    said = []
    for label in _PARTS:
        having, lacking = hits[label]
        if len(having) < 5 or len(lacking) < 5:
            said.append(f"{label}  -  {'':11}")
            continue
        low, high = accuracy_range(having, lacking) or (0.0, 0.0)
        middle = (sum(having) / len(having) + sum(lacking) / len(lacking)) / 2
        said.append(f"{label} {middle:.2f} [{low:.2f}-{high:.2f}]")
    return " ".join(said)


def scored(
    found: Sequence[Held], order: Sequence[float], told: Sequence[float], weights: Weights = WEIGHTS
) -> Scored:
    """What the method says of answers it was not trained on; `weights` are of the hints."""
    scores = Scored()
    for each in found:
        truth, shares = each.answer.labels, in_all(each.whole, order)
        scores.truth.append(truth)
        scores.found.append([_likeliest(row) for row in shares])
        scores.sure += [
            (max(row), _likeliest(row) == label) for row, label in zip(shares, truth, strict=True)
        ]
        scores.mixed_truth.append([truth[number] for number in shuffled_order(each.answer)])
        scores.mixed.append([_likeliest(row) for row in in_all(each.mixed, order)])
        for at, label in enumerate(_PARTS):
            is_told = max(row[at] for row in presence_of(each.whole)) >= told[at]
            lacking = each.lacking.get(label)
            still = None if lacking is None else max(row[at] for row in presence_of(lacking)) >= told[at]
            scores.note(label, label in truth, is_told, still)
        texts = each.answer.texts
        given = check_all(tagged_by(each.whole, texts, seen(texts), order, told), weights)
        there = dict(each.answer.checks)
        there.update({name: label in truth for name, label in zip(TITLES, _PARTS, strict=False)})
        for name in _CHECKS:
            if name in there:
                scores.checks[name][not there[name]].append((given[name].state == "met") == there[name])
        for name, check in given.items():
            if check.state == "missing" and name in there:
                scores.missing[name].append(there[name])
    return scores


def _likeliest(row: Sequence[float]) -> Label:
    return LABELS[max(range(len(LABELS)), key=row.__getitem__)]


def _scored_with(tagger: Tagger, answers: Sequence[Answer]) -> Scored:
    """What another tagger says of the same answers."""
    scores = Scored()

    def told(texts: Sequence[str], label: Label) -> bool:
        return max((each.presence or each.probabilities)[label] for each in tag(tagger, texts)) >= 0.5

    for answer in answers:
        order = shuffled_order(answer)
        scores.truth.append(answer.labels)
        scores.found.append([each.label for each in tagger.tag(answer.texts)])
        scores.mixed_truth.append([answer.labels[number] for number in order])
        scores.mixed.append([each.label for each in tagger.tag([answer.texts[number] for number in order])])
        for label in _PARTS:
            rest = without(answer, label)
            still = None if rest is None else told([answer.texts[number] for number in rest], label)
            scores.note(label, label in answer.labels, told(answer.texts, label), still)
    return scores


def folds_of(answers: Sequence[Answer], count: int = _FOLDS) -> dict[str, list[Answer]]:
    """The answers dealt out in turn; every voice is in every fold."""
    return {f"fold {number + 1}": list(answers[number::count]) for number in range(count)}


def _nested(found: Sequence[Held]) -> dict[str, Scored]:
    """The scores of each voice; bounds, mixing weights and the weights of the hints are taken from the others."""
    scores = {}
    for voice in dict.fromkeys(each.voice for each in found):
        rest = [each for each in found if each.voice != voice]
        mine = [each for each in found if each.voice == voice]
        hints = fit_hints.fit([each.answer for each in rest])
        scores[voice] = scored(mine, order_of(rest), bounds(rest), hints)
    return scores


def _together(scores: Mapping[str, Scored]) -> Scored:
    every = Scored()
    for each in scores.values():
        every.add(each)
    return every


def _curve(folds: Mapping[str, Sequence[Answer]], order: Sequence[float], say: Say) -> None:
    test, *rest = folds.values()
    known = [answer for fold in rest for answer in fold]
    say("learning curve (fold 1): answers, macro-F1, shuffled")
    for share in (8, 4, 2, 1):
        part = known[::share]
        scores = scored(held("", test, fit(part)), order, (0.5,) * len(LABELS))
        say(
            f"  {len(part):5}  {macro_f1(scores.truth, scores.found):.3f}"
            f"  {macro_f1(scores.mixed_truth, scores.mixed):.3f}"
        )


def main(say: Say = lambda line: sys.stdout.write(line + "\n")) -> int:
    """Print everything; exit status 1 without python-crfsuite."""
    by_voice = voices()

    def tell(line: str) -> None:
        sys.stderr.write(line + "\n")

    try:
        strangers = leave_one_out(by_voice, tell)
    except ImportError as error:
        tell(f"{error}. This needs python-crfsuite: make measure-feedback installs it.")
        return 1
    show(by_voice, strangers, say, tell)
    return 0


def show(by_voice: Mapping[str, Sequence[Answer]], strangers: Sequence[Held], say: Say, tell: Say) -> None:
    """Print everything, given what models say of the voices that they were not trained on."""
    everything = [answer for answers in by_voice.values() for answer in answers]
    head = f"{'':14}{'n':>5}  macro-F1           shuffled            presence of S T A R, and with the part taken out"
    say("by voice: trained on the other files\n" + head)
    scores = _nested(strangers)
    for voice, each in scores.items():
        say(each.line(voice))
    say(_together(scores).line("all"))
    say("the checks by voice: balanced accuracy of met, the writers' own judgement being the truth")
    for voice, each in (*scores.items(), ("all", _together(scores))):
        say(each.checked(voice))
    say("called missing by voice: answers, and how many of them have it all the same")
    for name, wrong in _together(scores).missing.items():
        if wrong:
            say(f"  {name:26}{len(wrong):5}{sum(wrong):5}")
    say("the same by other means\n" + head)
    for tagger in (RulesTagger(), KeywordTagger(), PositionTagger(), AlwaysYes()):
        others = {voice: _scored_with(tagger, answers) for voice, answers in by_voice.items()}
        if isinstance(tagger, RulesTagger):
            for voice, each in others.items():
                say(each.line(f"  {voice}"))
        say(_together(others).line(tagger.name))
    folds = folds_of(everything)
    known = _together(_nested(leave_one_out(folds, tell)))
    say("by answer: five folds\n" + head)
    say(known.line("all"))
    for name, pairs in (("by voice", _together(scores).sure), ("by answer", known.sure)):
        found = calibration(pairs)
        say(f"calibration {name}: ECE {found.ece:.3f}; said, right, sentences")
        for sure, right, count in found.rows:
            say(f"  {sure:.2f}  {right:.2f}  {count}")
    _curve(folds, order_of(strangers), say)


if __name__ == "__main__":
    sys.exit(main())
