"""What a failed call to Discord came to, in core's words. Pure."""

from __future__ import annotations

import discord

from adapters.discord.wire import Wire, retry_after
from core.ports import Gone, Outcome, Retry, Unknown

AWAY = 5.0  # seconds until something that surely did not go out is tried again
STRANGE = 60.0  # seconds after an answer that is not Discord's, or concerns the whole bot
DETAIL = 200  # characters of Discord's words that are handed on
UNAUTHORIZED = 401
THREAD_THERE = 160004
CODES = {
    10003: "not_found",  # Unknown Channel
    10004: "not_found",  # Unknown Guild
    10008: "not_found",  # Unknown Message
    10013: "not_found",  # Unknown User
    50001: "forbidden",  # Missing Access
    50007: "dm_closed",  # Cannot send messages to this user
    50013: "forbidden",  # Missing Permissions
    50083: "archived",  # the thread is
    50278: "dm_closed",  # no server in common any more
    160005: "archived",  # the thread is locked
}
"""Discord's error codes that say which place cannot be reached, and why."""
FLAGGED = 20026  # Discord holds the whole bot for a spammer


class Failed(Exception):
    """A call that came to ``outcome``. ``code`` is Discord's, or the HTTP status where it gave none; 0: no answer."""

    def __init__(self, outcome: Outcome, code: int = 0, *, invalid: bool = False) -> None:
        super().__init__(code)
        self.outcome = outcome
        self.code = code
        self.invalid = invalid
        """Discord refused what was said, not where or by whom."""

    @property
    def gone(self) -> str:
        """Why the place cannot be reached; "" when it is not that."""
        return self.outcome.reason if isinstance(self.outcome, Gone) else ""


def failure_of(error: Exception, wire: Wire) -> Failed:
    """``error`` is what discord.py raised, ``wire`` what was seen of the requests it made."""
    if isinstance(error, discord.RateLimited):
        return _lost_or(wire, Retry(error.retry_after, "rate limited"), 429)
    if not isinstance(error, discord.HTTPException):
        if isinstance(error, TimeoutError) and wire.wait:
            return _lost_or(wire, Retry(wire.wait, "rate limited"), 429)
        return _lost_or(wire, Retry(AWAY, f"Discord could not be reached: {type(error).__name__}"), 0)
    status, code = error.status, error.code or error.status
    detail = error.text.partition("\n")[0][:DETAIL] if error.code else ""
    if status == 429:
        wait = retry_after(error.response.headers.get("Retry-After", ""))
        return _lost_or(wire, Retry(wait, "rate limited"), 429)
    if status >= 500:
        return Failed(Unknown(f"Discord answered {status}"), status)
    if status == UNAUTHORIZED:
        return Failed(Retry(STRANGE, "Discord does not accept the token"), UNAUTHORIZED)
    if reason := CODES.get(error.code):
        return Failed(Gone(reason, detail), code)
    if error.code == FLAGGED or (not error.code and status in (403, 404)):
        # A gate or a proxy in between, or a bot under suspicion: no fault of the place, which must not be given up.
        return Failed(Retry(STRANGE, f"Discord refused the request ({code})"), code)
    if status in (400, 413):
        return Failed(Gone("invalid", detail or f"HTTP {status}"), code, invalid=True)
    return Failed(Gone("not_found" if status == 404 else "forbidden", detail), code)


def _lost_or(wire: Wire, outcome: Retry, code: int) -> Failed:
    """``outcome`` when nothing can have come of it; else nobody knows."""
    if wire.lost:
        return Failed(Unknown(f"the answer was lost ({outcome.reason})"), code)
    return Failed(outcome, code)
