"""``starling bench feedback``: what reading an answer costs, and how well held-out answers are read.

Answers of a given length are put together from the training answers, another one each time. The held-out answers
(``tests/data``) stand in a checkout of the repository only; elsewhere their figures are left out.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path

from bot.bench import Bench, Result, figure, spread
from core.feedback import read
from core.feedback.measure import load
from core.feedback.measure import measure as measure_answers
from core.feedback.model import FILE
from core.feedback.train import DATA

HELD_OUT = Path(__file__).parents[1] / "tests" / "data" / "heldout-star.jsonl"
WORDS = (50, 300, 1_000)
LIMITS_MS = {300: 10.0}  # of the median, on one core
IMPORT_MS, MODEL_KB = 50.0, 1_000.0
IMPORT = "import time; t = time.process_time(); import core.feedback; print(1000 * (time.process_time() - t))"
FIRST = (
    "import time; from core.feedback import read; t = time.process_time(); read('I fixed it.'); "
    "print(1000 * (time.process_time() - t))"
)
FLOORS = {
    "held out: macro-F1": 0.77,
    "held out: macro-F1, sentences shuffled": 0.61,
}  # as in tests/test_feedback_heldout.py


async def measure(bench: Bench) -> list[Result]:
    bench.tell(f"answers of {', '.join(f'{words:,}' for words in WORDS)} words")
    read("The first answer of a process reads the model; it is timed by itself below.")
    gc.collect()
    gc.freeze()
    found = [_timed(words, bench.rounds) for words in sorted({*WORDS, bench.size})]
    found += [
        figure("import, process time", _best(IMPORT), "ms", IMPORT_MS),
        figure("the first answer of a process", _best(FIRST), "ms"),
        figure("the model", FILE.stat().st_size / 1000, "kB", MODEL_KB),
    ]
    return [*found, *_held_out()]


def _timed(words: int, rounds: int) -> Result:
    texts = _texts(words)
    taken = []
    for _ in range(rounds):
        text = next(texts)
        begun = time.process_time()
        read(text)
        taken.append((time.process_time() - begun) * 1000)
    p50, p99 = spread(taken)
    result: Result = {
        "name": f"an answer of {words:,} words",
        "p50_ms": round(p50, 3),
        "p99_ms": round(p99, 3),
    }
    limit = LIMITS_MS.get(words)
    return result if limit is None else result | {"limit": limit, "held": p50 <= limit}


def _texts(words: int) -> Iterator[str]:
    said = " ".join(
        text for path in sorted(DATA.glob("*.jsonl")) for answer in load(path) for text in answer.texts
    ).split()
    return cycle(" ".join(said[at : at + words]) for at in range(0, len(said) - words, words))


def _best(code: str) -> float:
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(5)
    ]
    return min(float(run.stdout) for run in runs)


def _held_out() -> list[Result]:
    if not HELD_OUT.is_file():
        return []
    figures = measure_answers(load(HELD_OUT))
    found = [
        _at_least("held out: macro-F1", figures.macro, FLOORS),
        _at_least("held out: macro-F1, sentences shuffled", figures.shuffled, FLOORS),
    ]
    for items in (figures.presence, figures.removed, figures.checks):
        kind = ", against itself without" if items is figures.removed else ""
        found += [
            _at_least(f"held out: {name}{kind}", item.balanced, FLOORS)
            for name, item in items.items()
            if item.balanced is not None
        ]
    return found


def _at_least(name: str, value: float, floors: Mapping[str, float]) -> Result:
    """A figure that must not be under its limit."""
    result: Result = {"name": name, "value": round(value, 3), "unit": ""}
    limit = floors.get(name)
    return result if limit is None else result | {"limit": limit, "held": value >= limit}
