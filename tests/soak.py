"""Sizes of the harnesses: small in ``make test``, in full in ``make soak``, and what they print there."""

from __future__ import annotations

import json
import os
import sys

SOAK = bool(os.environ.get("STARLING_SOAK"))


def size(small: int, full: int) -> int:
    return full if SOAK else small


def figures(harness: str, **values: object) -> None:
    """One line of figures, as JSON, for docs/reliability.md. Printed past pytest's capture in a soak alone."""
    line = json.dumps({"harness": harness, "soak": SOAK} | values, default=str)
    print(line, file=sys.__stdout__ if SOAK else sys.stdout, flush=True)
