"""Charts as PNG bytes with alt text. Blocking and slow to load: call from a thread, never from the loop.

Agg, no state of pyplot: figures are made and drawn by themselves, so that threads do not meet.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.views import Image

INK, PALE, GRID, FILL = "#2b2d42", "#6c7080", "#d9dce3", "#3d7ea6"
WIDTH, DPI = 6.0, 120  # inches: 720 pixels, which a phone shows whole
ROW, MARGIN = 0.36, 0.62  # inches: a row of the picture; what stands above and below the rows
SHOWN = 8  # attempts, the newest: more columns than that are too small for a phone
NAME = 44  # characters of an item's name
ALT = 1000  # characters; Discord takes 1,024


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt's number, and the state of each item by its key: "met", "missing" or "unsure"."""

    number: int
    states: Mapping[str, str]


def attempts_chart(attempts: Sequence[Attempt], names: Mapping[str, str]) -> Image:
    """Attempts, oldest first -> a row for each of the items ``names`` (by key), a column for each attempt.

    Met is a full disc, unsure a small ring, missing a line: to be told apart without colours. Of many attempts the
    newest are drawn. The alt text says the same in words.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    told = attempts[-SHOWN:]
    rows = [key for key in names if any(key in one.states for one in told)]
    figure = Figure(figsize=(WIDTH, MARGIN + ROW * len(rows)), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for y, key in enumerate(rows):
        for x, one in enumerate(told):
            match one.states.get(key):
                case "met":
                    axes.plot(x, y, "o", color=FILL, markersize=13)
                case "unsure":
                    axes.plot(x, y, "o", mfc="none", mec=FILL, mew=1.6, markersize=7)
                case "missing":
                    axes.plot(x, y, "_", color=PALE, mew=1.6, markersize=12)
    axes.set_xlim(-0.5, len(told) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [_short(names[key]) for key in rows], fontsize=11, color=INK)
    totals = [sum(state == "met" for state in one.states.values()) for one in told]
    number, of = ("Attempt ", " of ") if len(told) <= 3 else ("", "/")
    labels = [
        f"{number}{one.number}\n{met}{of}{len(one.states)}" for one, met in zip(told, totals, strict=True)
    ]
    axes.set_xticks(range(len(told)), labels, fontsize=11 if len(told) <= 6 else 10, color=INK)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_xlabel("● met   ○ unsure   – missing", fontsize=9, color=PALE)
    for y in range(1, len(rows)):
        axes.axhline(y - 0.5, color=GRID, linewidth=0.8)
    for side in axes.spines.values():
        side.set_visible(False)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return Image(out.getvalue(), "attempts.png", _alt(told, rows, names))


def _short(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…"


def _alt(told: Sequence[Attempt], rows: Sequence[str], names: Mapping[str, str]) -> str:
    """How many items each attempt meets, and which they are in the newest."""
    counts = []
    for one in told:
        met = sum(state == "met" for state in one.states.values())
        counts.append(f"attempt {one.number} met {met} of {len(one.states)}")
    said = f"Items met by attempt: {', '.join(counts)}."
    last = told[-1]
    if found := [names[key] for key in rows if last.states.get(key) == "met"]:
        said += f" Attempt {last.number} met: {'; '.join(found)}."
    return said if len(said) <= ALT else f"{said[: ALT - 1].rstrip()}…"
