"""Charts as PNG bytes with alt text. Blocking and slow to load: call from a thread, never from the loop.

Agg, no state of pyplot: figures are made and drawn by themselves, so that threads do not meet.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from core.views import Image

INK, GRID, FILL = "#2b2d42", "#d9dce3", "#3d7ea6"
SIZE, DPI = (6.0, 2.6), 120  # inches; 720 x 312 pixels: readable on a phone


def attempts_chart(attempts: Sequence[tuple[int, int, int]]) -> Image:
    """(attempt, items met, items) oldest first -> a line of items met, and what it shows in words."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    numbers = [a for a, _, _ in attempts]
    met = [m for _, m, _ in attempts]
    of = max(n for _, _, n in attempts)
    figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.fill_between(numbers, met, color=FILL, alpha=0.15, linewidth=0)
    axes.plot(numbers, met, color=FILL, marker="o", linewidth=2)
    for x, y in zip(numbers, met, strict=True):
        axes.annotate(
            str(y), (x, y), textcoords="offset points", xytext=(0, 7), ha="center", color=INK, fontsize=9
        )
    axes.set_ylim(0, of + 0.9)
    axes.set_yticks(range(0, of + 1, max(1, of // 4)))
    axes.set_xlim(min(numbers) - 0.3, max(numbers) + 0.3)
    axes.set_xlabel("Attempt", color=INK)
    axes.set_ylabel(f"Items met, of {of}", color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    alt = f"Items met by attempt: {', '.join(f'attempt {a} met {m} of {n}' for a, m, n in attempts)}."
    return Image(out.getvalue(), "attempts.png", alt)
