"""The trained tagger's parts: the chain's arithmetic, the file of weights, the training text, and what is learned."""

from __future__ import annotations

import re
from itertools import pairwise, product
from math import exp, prod
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.feedback.baselines import AlwaysYes, KeywordTagger, PositionTagger
from core.feedback.bootstrap import accuracy_range, f1_range
from core.feedback.calibration import calibration
from core.feedback.chain import in_chain, on_their_own
from core.feedback.crf_tagger import CrfTagger, Views, in_all, views_of
from core.feedback.measure import Answer, load
from core.feedback.model import CHAINS, FILE, parsed, written
from core.feedback.model import load as load_model
from core.feedback.tagger import LABELS, Label
from core.feedback.train import DATA, Held, bounds, fingerprint, order_of, shuffled_order, voices, without

HELD_OUT = Path(__file__).parent / "data" / "heldout-star.jsonl"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.floats(-6, 6), min_size=2, max_size=2), min_size=1, max_size=5),
    st.lists(st.floats(0.05, 5), min_size=4, max_size=4),
)
def test_the_chain_gives_the_shares_of_adding_up_every_path(
    scores: list[list[float]], flat: list[float]
) -> None:
    steps = [flat[:2], flat[2:]]
    paths = {
        path: prod(exp(row[label]) for row, label in zip(scores, path, strict=True))
        * prod(steps[a][b] for a, b in pairwise(path))
        for path in product((0, 1), repeat=len(scores))
    }
    total = sum(paths.values())
    for number, row in enumerate(in_chain(scores, steps)):
        for label in (0, 1):
            wanted = sum(weight for path, weight in paths.items() if path[number] == label) / total
            assert row[label] == pytest.approx(wanted, abs=1e-9)


def test_a_chain_of_nothing_and_scores_beyond_all_bounds_are_survived() -> None:
    assert in_chain([], [[1.0]]) == []
    ((first, second),) = on_their_own([[5000.0, -5000.0]])
    assert first == pytest.approx(1) and 0 < second < 1e-9


def test_the_file_is_what_it_says_and_reads_back_the_same() -> None:
    text = FILE.read_text("utf-8")
    model = parsed(text)
    assert written(model) == text
    assert FILE.stat().st_size < 1_000_000
    assert {len(row) for row in model.weights.values()} == {len(LABELS) * len(CHAINS)}
    assert len(model.steps) == len(CHAINS) - 1 and len(model.told) == len(LABELS)
    assert all(0 < share < 1 for share in model.told)


@pytest.mark.parametrize(
    "spoil", [lambda t: t.replace("told ", "tell ", 1), lambda t: t[:-3], lambda t: "x\n\ny\t1"]
)
def test_a_broken_file_is_an_error_and_not_another_tagger(spoil) -> None:  # type: ignore[no-untyped-def]
    head, _, body = FILE.read_text("utf-8").partition("\n\n")
    few = head + "\n\n" + "\n".join(body.split("\n")[:3]) + "/1 1 1 1 1"
    with pytest.raises((ValueError, KeyError)):
        parsed(spoil(few))


def test_the_weights_fit_the_features_that_are_made_today() -> None:
    """Changing a list of phrases without `make train-feedback` would quietly spoil the tagger."""
    everything = [answer for answers in voices().values() for answer in answers]
    assert load_model().features == fingerprint(everything)
    spoilt = Answer(
        "x", None, tuple(text + " result" for text in everything[0].texts), everything[0].labels, {}
    )
    assert fingerprint([spoilt, *everything[1:]]) != fingerprint(everything)


def test_the_same_answer_is_always_read_the_same() -> None:
    answer = voices()["chat"][0]
    assert CrfTagger().tag(answer.texts) == CrfTagger().tag(answer.texts)
    assert CrfTagger().tag([]) == []


def test_the_order_decides_between_the_views() -> None:
    sure, unsure = [[0.9, 0.025, 0.025, 0.025, 0.025]], [[0.2] * 5]
    views = Views(alone=unsure, labels=sure, shuffled=unsure, presence=sure, fit=0.0)
    assert in_all(views, (30.0, *[0] * 6))[0][0] == pytest.approx((0.9 + 0.9 + 0.2) / 3)
    assert in_all(views, (-30.0, *[0] * 6))[0][0] == pytest.approx(0.2)


def _grams(answer: Answer) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", " ".join(answer.texts).lower())
    return set(zip(*(words[at:] for at in range(5)), strict=False))


def test_no_training_answer_is_nearly_a_held_out_one() -> None:
    """Word 5-grams: of each held-out answer, at most one in ten stands in any training answer."""
    held_out = [_grams(answer) for answer in load(HELD_OUT)]
    training = [_grams(answer) for answers in voices().values() for answer in answers]

    def likest(grams: set[tuple[str, ...]], others: list[set[tuple[str, ...]]]) -> float:
        return max(len(grams & other) / max(1, len(grams)) for other in others)

    assert max(likest(grams, training) for grams in held_out) < 0.1
    assert likest(held_out[0], held_out) == 1.0  # the measure does see a copy


def test_the_training_text_is_whole() -> None:
    by_voice = voices()
    ids = [answer.id for answers in by_voice.values() for answer in answers]
    assert len(ids) == len(set(ids)) >= 1_000
    assert sorted(by_voice) == sorted(path.stem for path in DATA.glob("*.jsonl"))
    for answers in by_voice.values():
        for answer in answers:
            assert answer.texts and all(text.strip() for text in answer.texts), answer.id


def _held(answer: Answer, whole: float, lacking: float) -> Held:
    def views(share: float) -> Views:
        rows = [[share, *[(1 - share) / 4] * 4]]
        return Views(rows, rows, rows, rows, share)

    return Held("v", answer, views(whole), views(0.2), {"S": views(lacking)})


def test_bounds_part_answers_with_a_part_from_those_without() -> None:
    answer = Answer("1", None, ("a", "b"), ("S", "A"), {})
    told = bounds([_held(answer, 0.9, 0.3), _held(answer, 0.8, 0.4)])
    assert 0.4 < told[0] <= 0.8


def test_order_is_learned_from_answers_as_they_are() -> None:
    answer = Answer("1", None, ("a", "b"), ("S", "A"), {})
    found = [_held(answer, 0.95 - at / 100, 0.3) for at in range(6)]
    weights = order_of(found)
    assert len(weights) == len(load_model().order)
    assert weights[2] < 0  # unsure chains speak against an order


def test_copies_keep_the_labels_with_their_sentences() -> None:
    answer = Answer("x", None, tuple("abcdef"), ("S", "T", "A", "A", "R", "R"), {})
    assert sorted(shuffled_order(answer)) == list(range(6))
    assert shuffled_order(answer) == shuffled_order(answer) != shuffled_order(answer, 1)
    assert without(answer, "A") == [0, 1, 4, 5]
    assert without(answer, "O") is None
    assert without(Answer("y", None, ("a",), ("S",), {}), "S") is None


def test_the_baselines_do_what_they_say() -> None:
    texts = [
        "The situation was bad.",
        "My task was to help.",
        "I led it.",
        "As a result, sales increased 4%.",
        "Hm.",
    ]
    assert [each.label for each in KeywordTagger().tag(texts)] == ["S", "T", "A", "R", "O"]
    assert [each.label for each in PositionTagger().tag(texts)] == ["S", "A", "A", "A", "R"]
    assert {each.label for each in AlwaysYes().tag(texts)} == {"A"}
    assert all(share == 1 for each in AlwaysYes().tag(texts) for share in (each.presence or {}).values())


def test_ranges_hold_their_figure_and_shrink_with_more_answers() -> None:
    right: list[list[Label]] = [["S", "A", "R"]] * 10
    wrong: list[list[Label]] = [["S", "S", "R"]] * 5 + right[:5]
    low, high = f1_range(right, wrong)
    f1 = (2 * 10 / 25 + 2 * 5 / 15 + 1) / 5  # of S, A and R; T and O have none
    assert low < f1 < high
    few = accuracy_range([True, False] * 5, [True, False] * 5)
    many = accuracy_range([True, False] * 100, [True, False] * 100)
    assert few and many and many[1] - many[0] < few[1] - few[0]
    assert accuracy_range([], [True]) is None


def test_calibration_is_the_gap_between_said_and_right() -> None:
    found = calibration([(0.8, True)] * 8 + [(0.8, False)] * 2 + [(1.0, False)] * 10)
    assert found.ece == pytest.approx(0.5)
    assert [row[2] for row in found.rows] == [10, 10]


def test_views_of_one_word_and_of_a_hundred_sentences_are_shares() -> None:
    for texts in (["Yes"], ["I fixed the till."] * 100):
        views = views_of(texts, load_model())
        for rows in (views.alone, views.labels, views.shuffled, views.presence):
            assert len(rows) == len(texts)
            assert all(sum(row) == pytest.approx(1) for row in rows)
