"""What a choice of prompt is made from (docs/rules.md, 7 "Choice of prompts")."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

BEHAVIOURAL = "behavioural"


class NothingToAsk(LookupError):
    """No prompt fits what was asked for. Its text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A prompt that may be chosen.

    `uid` is "pack/prompt". `levels` are those it is meant for, none meaning all. A retired prompt is never
    chosen. `companies` are the names it is tagged with.
    """

    uid: str
    track: str
    levels: frozenset[str] = frozenset()
    retired: bool = False
    url: str | None = None
    companies: frozenset[str] = frozenset()


def standing(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that may be chosen, in the order given."""
    return [one for one in candidates if not one.retired]


def drawn(key: str, name: str) -> bytes:
    """Where `name` comes in the draw called `key`: the least wins.

    A cryptographic hash rather than `hash()`, which differs from process to process.
    """
    return blake2b(f"{key}\0{name}".encode(errors="surrogatepass"), digest_size=8).digest()


def draw(key: str, candidates: Iterable[Candidate]) -> Candidate:
    """One of several equally good prompts, the same for everybody who asks with the same key."""
    return min(candidates, key=lambda one: (drawn(key, one.uid), one.uid))


def longest_ago_half(uids: Iterable[str], history: Iterable[str]) -> frozenset[str]:
    """Of prompts that all stand in `history` (oldest first), the half that came up longest ago, rounded up.

    Half, so that the order of a second time through is not the order of the first, and still nothing that was
    seen lately comes again.
    """
    latest = {uid: place for place, uid in enumerate(history)}
    ordered = sorted(set(uids), key=lambda uid: latest[uid])
    return frozenset(ordered[: (len(ordered) + 1) // 2])
