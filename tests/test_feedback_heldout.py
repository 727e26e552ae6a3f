"""The held-out answers: unchanged since before the tagger, unlike any training text, and read well enough.

Floors are the figures of docs/feedback.md less .03 to .07: about as much as taking other 72 answers would move them.
"""

import hashlib
from pathlib import Path

from core.feedback.baselines import AlwaysYes, KeywordTagger, PositionTagger
from core.feedback.measure import load, measure
from core.feedback.rules_tagger import RulesTagger

FILE = Path(__file__).parent / "data" / "heldout-star.jsonl"


def test_the_held_out_file_is_the_one_that_was_committed_before_the_tagger() -> None:
    wanted = FILE.with_suffix(".sha256").read_text().split()[0]
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == wanted


def test_the_tagger_keeps_its_figures_on_text_that_nobody_trained_on() -> None:
    answers = load(FILE)
    assert len(answers) == 72
    found = measure(answers)
    assert found.macro >= 0.77
    assert found.shuffled >= 0.61
    assert found.calibration.ece <= 0.06
    for name, floor in (
        ("has_situation", 0.83),
        ("has_task", 0.74),
        ("has_action", 0.88),
        ("has_result", 0.85),
    ):
        assert (found.removed[name].balanced or 0) >= floor, name
    assert (found.presence["has_task"].balanced or 0) >= 0.76
    assert (found.checks["quantified_result"].balanced or 0) >= 0.78
    assert (found.checks["first_person_ownership"].balanced or 0) >= 0.90
    for name, floor in (
        ("reasoning_or_alternatives", 0.73),
        ("business_impact", 0.74),
        ("lesson_learned", 0.70),
    ):
        assert (found.checks[name].balanced or 0) >= floor, name
    verdicts = [*found.presence.values(), *found.checks.values()]
    assert sum(each.missing_wrong for each in verdicts) <= 0.15 * sum(each.missing for each in verdicts)


def test_the_tagger_is_better_than_rules_keywords_position_and_a_base_rate() -> None:
    answers = load(FILE)
    found = measure(answers)
    for baseline in (RulesTagger(), KeywordTagger(), PositionTagger(), AlwaysYes()):
        other = measure(answers, baseline)
        assert found.macro_range[0] > other.macro_range[1], baseline.name
        assert found.shuffled > other.shuffled_range[1], baseline.name
