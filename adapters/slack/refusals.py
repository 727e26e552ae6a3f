"""What a failed call to Slack came to, in core's words. Pure.

Slack's words and what they mean: the "Errors" tables of its method reference (docs.slack.dev/reference/methods).
"""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.calls import code_of, details_of
from adapters.slack.wire import Wire
from core.ports import Gone, Outcome, Retry, Unknown

AWAY = 5.0  # seconds until something that surely did not go out is tried again
STRANGE = 60.0  # seconds after an answer that is not Slack's, or concerns the whole workspace
LONGEST_WAIT = 3600.0  # seconds; more is not believed
TOO_MANY = 429
DETAIL = 200  # characters of Slack's words that are handed on

PLACES = {
    "channel_not_found": "not_found",
    "message_not_found": "not_found",
    "user_disabled": "not_found",
    "user_not_found": "not_found",
    "user_not_visible": "not_found",
    "users_not_found": "not_found",
    "not_in_channel": "not_invited",
    "is_archived": "archived",
    "is_inactive": "archived",  # the channel is frozen
    "cannot_dm_bot": "dm_closed",
    "invalid_user_combination": "dm_closed",
    "messages_tab_disabled": "dm_closed",
    "account_inactive": "revoked",
    "token_revoked": "revoked",
}
"""Words that say what cannot be reached until somebody changes something. Those of no table are "forbidden"."""
INVALID = frozenset(
    {
        "invalid_arguments",
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
"""What was said is refused, not where or by whom."""
TOKEN = frozenset(
    {
        "access_denied",
        "accesslimited",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "team_not_found",
        "token_expired",
        "two_factor_setup_required",
    }
)
"""Slack does not let this token, or this machine, do anything at present. The operator can put that right, and no
place is at fault: none is given up for it."""
LATER = frozenset(
    {"external_channel_migrating", "request_timeout", "service_unavailable", "team_added_to_org"}
)
"""Nothing came of it (of a ``request_timeout``, too: Slack did not get the whole request), and later it may."""
LIMITED = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
UNSURE = frozenset({"fatal_error", "internal_error", "update_failed"})
"""Slack says of these that part of what was asked may have been done."""


class Failed(Exception):
    """A call that came to ``outcome``. ``word`` is Slack's, or "http_500", or "" where there was no answer."""

    def __init__(
        self,
        outcome: Outcome,
        word: str = "",
        *,
        invalid: bool = False,
        pause: float = 0.0,
        detail: tuple[str, ...] = (),
    ) -> None:
        super().__init__(word)
        self.outcome = outcome
        self.word = word
        self.invalid = invalid
        """Slack refused what was said, not where or by whom. ``detail`` says which rule it breaks."""
        self.pause = pause
        """Seconds in which the whole workspace should ask nothing."""
        self.detail = detail

    @property
    def gone(self) -> str:
        """Why the place cannot be reached; "" when it is not that."""
        return self.outcome.reason if isinstance(self.outcome, Gone) else ""


def failure_of(error: Exception, wire: Wire) -> Failed:
    """``error`` is what slack_sdk raised, ``wire`` what was seen of the request."""
    if not isinstance(error, SlackApiError):
        why = type(error).__name__
        if wire.out:
            return Failed(Unknown(f"the answer was lost ({why})"))
        return Failed(Retry(AWAY, f"Slack could not be reached: {why}"))
    word, status = code_of(error)
    if status == TOO_MANY or word in LIMITED:
        wait = _retry_after(error)
        return Failed(Retry(wait, "rate limited"), word, pause=wait)
    if word.startswith("http_"):  # not Slack's own answer, or the end of it is missing
        if 300 <= status < 500:  # a gate or a proxy in between: no fault of the place
            return Failed(Retry(STRANGE, f"Slack was not let through ({status})"), word)
        return Failed(Unknown(f"Slack answered {status} without a word"), word)
    return _refusal(word, error)


def _refusal(word: str, error: SlackApiError) -> Failed:
    if word in LATER:
        return Failed(Retry(AWAY, f"Slack said: {word}"), word)
    if word in UNSURE:
        return Failed(Unknown(f"Slack said: {word}"), word)
    if word in TOKEN:
        return Failed(Retry(STRANGE, f"Slack does not accept the token ({word})"), word, pause=STRANGE)
    if word in INVALID:
        return Failed(Gone("invalid", word), word, invalid=True, detail=details_of(error))
    return Failed(Gone(PLACES.get(word, "forbidden"), f"{word}{_needed(error)}"[:DETAIL]), word)


def _needed(error: SlackApiError) -> str:
    """ ": chat:write", the scope that is missing, where Slack names one."""
    data: Any = getattr(error.response, "data", None)
    needed = data.get("needed") if isinstance(data, dict) else None
    return f": {needed}" if needed else ""


def _retry_after(error: SlackApiError) -> float:
    """Seconds; one where it does not say."""
    headers = dict(getattr(error.response, "headers", None) or {})
    named = {str(k).lower(): v for k, v in headers.items()}
    try:
        return min(max(0.0, float(named.get("retry-after", ""))), LONGEST_WAIT)
    except (TypeError, ValueError):
        return 1.0
