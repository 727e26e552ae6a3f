"""STAR feedback on an answer: sentence split, tagger, checks, figures, advice. `read` is the way in.

Imports nothing beyond the standard library, and nothing else of Starling.
"""

from core.feedback.checks import TITLES, Check, State
from core.feedback.reading import Reading, newly_met, read
from core.feedback.tagger import LABELS, Label, Tagged, Tagger

__all__ = ["LABELS", "TITLES", "Check", "Label", "Reading", "State", "Tagged", "Tagger", "newly_met", "read"]
