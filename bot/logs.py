"""Logs: one line a thing that happened, on standard error, without secrets and without members' whole texts.

Our own loggers (structlog) and those of the libraries (logging) take the same road, so that nothing gets past
the redaction. Traceback lines show our source; what an exception says is cut and redacted like any value.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import secrets as random_bits
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.redact import HIDDEN, SECRET_NAME, Redactor

#: The longest text that a line holds of anything: a member's answer never stands in a log whole.
LONGEST: Final = 200
_MOST = 20  # things of a list, and exceptions of a chain
_DEPTH = 4  # lists in lists
_FRAMES = 30

# What these say at "info" is about every tick, every statement, every page of the health server.
_CHATTY: Final = ("apscheduler", "sqlalchemy", "aiohttp.access", "alembic.runtime.plugins")
# What libraries say at "error" and with a whole traceback while the other side is away.
_AWAY: Final = {
    "discord.shard": ("Attempting a reconnect", "Failed to connect for shard_id"),
    # Of connections to a PostgreSQL that was restarted. What waited for them says so by itself.
    "sqlalchemy.pool.impl.AsyncAdaptedQueuePool": (
        "Exception closing",
        "Exception terminating",
        "Exception during",
    ),
}
# No line break and no escape sequence of a terminal comes out of somebody else's words.
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


def setup(
    level: str = "auto",
    format: str = "auto",
    *,
    service: bool,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send every log line of this process to ``stream`` (standard error). May be called again.

    ``level`` and ``format`` are those of the settings; ``service`` says whether this is `starling run`, where
    "auto" means info (elsewhere warning). ``secrets`` are hidden by value wherever they turn up.
    """
    stream = stream or sys.stderr
    if level == "auto":
        level = "info" if service else "warning"
    terminal = stream.isatty()
    plain = format == "plain" or (format == "auto" and terminal)
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _Tidy(Redactor(secrets)),
                _plain_renderer(terminal) if plain else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *common,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))


@contextlib.contextmanager
def request(**facts: object) -> Iterator[str]:
    """Everything logged inside (also by tasks begun inside) carries one new ``request_id`` and ``facts``."""
    number = random_bits.token_hex(4)
    with structlog.contextvars.bound_contextvars(request_id=number, **facts):
        yield number


def _plain_renderer(colours: bool) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=colours and sys.platform != "win32",
        pad_event_to=0,
        exception_formatter=structlog.dev.plain_traceback,  # it is text already
    )


class _Handler(logging.StreamHandler[TextIO]):
    def emit(self, record: logging.LogRecord) -> None:
        calm = _calmed(record)
        if calm is record or calm.levelno >= logging.getLogger().level:
            super().emit(calm)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name is logging's)
        """Say that a line was lost; logging's own way would print the line's arguments as they are."""
        kind = sys.exc_info()[0]
        said = f"a log line could not be written: {kind.__name__ if kind else 'unknown'}"
        lost = logging.LogRecord(record.name, logging.ERROR, "", 0, said, (), None)
        with contextlib.suppress(Exception):  # standard error itself is gone: there is nobody to tell
            self.stream.write(self.format(lost) + self.terminator)
            self.flush()


def _calmed(record: logging.LogRecord) -> logging.LogRecord:
    """A lost connection that is being tried again is one warning that names the error; else ``record`` itself."""
    beginnings = _AWAY.get(record.name)
    if beginnings is None or not str(record.msg).startswith(beginnings):
        return record
    calm = copy.copy(record)  # other handlers see the record as it was
    error = _exception_of(record.exc_info)
    calm.msg = f"{record.getMessage()} ({type(error).__name__})" if error is not None else record.getMessage()
    calm.args, calm.exc_info, calm.exc_text = (), None, None
    calm.levelno, calm.levelname = logging.WARNING, "WARNING"
    return calm


class _Tidy:
    """The last step before a line is written: exceptions to text, secrets out, long texts cut."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        error = _exception_of(event.pop("exc_info", None))
        stack = event.pop("stack", None)
        tidy = {str(key): self._value(str(key), value) for key, value in event.items()}
        if stack:
            tidy["stack"] = self._redact(str(stack))
        if error is not None:
            tidy["exception"] = "\n".join(self._story(error, set()))
        return tidy

    def _value(self, key: str, value: Any, depth: int = 0) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if SECRET_NAME.search(key):
            return HIDDEN if value else ""
        if isinstance(value, str):
            return self._text(value)
        if depth < _DEPTH and isinstance(value, Mapping):
            pairs = list(value.items())[:_MOST]
            return {self._text(str(name)): self._value(str(name), one, depth + 1) for name, one in pairs}
        if depth < _DEPTH and isinstance(value, list | tuple | set | frozenset):
            return [self._value("", one, depth + 1) for one in list(value)[:_MOST]]
        return self._text(_words(value))

    def _text(self, text: str) -> str:
        clean = self._redact(text).translate(_CONTROLS)
        return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}... ({len(text)} characters)"

    def _story(self, error: BaseException, told: set[int]) -> Iterator[str]:
        """As Python prints a chain of exceptions, but with their messages made fit for a log."""
        told.add(id(error))
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is not None and id(cause) not in told and len(told) < _MOST:
            yield from self._story(cause, told)
            yield "... and then, " + ("because of that:" if error.__cause__ else "while that was handled:")
        if error.__traceback__ is not None:
            yield "Traceback (most recent call last):"
            frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__))
            for frame in traceback.StackSummary.from_list(frames[-_FRAMES:]).format():
                yield self._redact(frame.rstrip("\n"))
        words = self._text(_words(error, str))
        yield f"{type(error).__qualname__}: {words}" if words else type(error).__qualname__
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                if id(one) not in told and len(told) < _MOST:
                    yield from (f"  | {line}" for line in self._story(one, told))


def _exception_of(given: Any) -> BaseException | None:
    """What ``exc_info`` means: an exception, True for the present one, or logging's triple."""
    if given is True:
        return sys.exc_info()[1]
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None


def _words(value: object, say: Any = repr) -> str:
    try:
        return str(say(value))
    except Exception as error:  # noqa: BLE001 (a log line must not fail because a value cannot speak)
        return f"<{type(value).__qualname__} that raises {type(error).__qualname__} when printed>"
