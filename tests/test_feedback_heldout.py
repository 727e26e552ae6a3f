"""The held-out answers: unchanged since before the tagger, unlike any training text, and read well enough.

Floors are the figures of docs/feedback.md less .03: two thirds of what taking other 72 answers would move them.
"""

import hashlib
from pathlib import Path

from core.feedback.measure import load, measure

FILE = Path(__file__).parent / "data" / "heldout-star.jsonl"


def test_the_held_out_file_is_the_one_that_was_committed_before_the_tagger() -> None:
    wanted = FILE.with_suffix(".sha256").read_text().split()[0]
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == wanted


def test_the_first_tagger_keeps_its_figures_on_text_that_nobody_trained_on() -> None:
    answers = load(FILE)
    assert len(answers) == 72
    found = measure(answers)
    assert found.macro >= 0.66
    assert found.shuffled >= 0.52
    for name, floor in (
        ("has_situation", 0.72),
        ("has_task", 0.73),
        ("has_action", 0.77),
        ("has_result", 0.69),
    ):
        assert (found.removed[name].balanced or 0) >= floor, name
    assert (found.checks["quantified_result"].balanced or 0) >= 0.78
    assert (found.checks["first_person_ownership"].balanced or 0) >= 0.82
