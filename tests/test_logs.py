"""Logs: where lines go, what they look like, and what never stands in one."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs
from bot.redact import HIDDEN, Redactor, without_password

LIBRARIES = (
    "discord.http",
    "slack_sdk.web.async_client",
    "apscheduler.scheduler",
    "sqlalchemy.engine",
    "aiohttp.web",
)
PLANTED = {
    # Put together here, so that no scanner of repositories takes them for real ones.
    "discord token": ".".join(
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4", "GabcdE", "abcdefghijklmnopqrstuvwxyz0123456789AB")
    ),
    "slack bot token": "-".join(("xoxb", "123456789012", "1234567890123", "AbCdEfGhIjKlMnOpQrStUvWx")),
    "slack user token": "-".join(("xoxp", "123456789012", "AbCdEfGhIjKl")),
    "slack app token": "-".join(("xapp", "1", "A0123456789", "1234567890", "abcdef0123456789")),
    "signing secret": "0123456789abcdef" * 2,
    "configured secret": "correct horse/battery+staple",
}
DATABASE = "postgresql://starling:{}@db.example/starling"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.reset_defaults()
    for name in ("apscheduler", "sqlalchemy", "aiohttp.access", "alembic.runtime.plugins"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def started(stream: io.StringIO, **given: Any) -> io.StringIO:
    logging.getLogger().handlers.clear()  # those of pytest raise when a line cannot be written
    logs.setup(**{"level": "info", "service": True, "stream": stream, **given})
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


# --- shape --------------------------------------------------------------------------------------------


def test_away_from_a_terminal_each_line_is_one_json_object_whoever_wrote_it() -> None:
    stream = started(io.StringIO())
    structlog.get_logger("core.x").info("drop sent", platform="slack", number=3, at=None)
    logging.getLogger("discord.client").warning("gone: %s", "a\nb")
    ours, theirs = lines(stream)
    assert (ours["event"], ours["logger"], ours["level"], ours["number"]) == (
        "drop sent",
        "core.x",
        "info",
        3,
    )
    assert (theirs["event"], theirs["logger"], theirs["level"]) == (
        "gone: a\\nb",
        "discord.client",
        "warning",
    )
    assert ours["timestamp"].endswith("Z")


def test_on_a_terminal_lines_are_plain_and_either_can_be_asked_for() -> None:
    for stream, chosen, is_json in (
        (Terminal(), "auto", False),
        (Terminal(), "json", True),
        (io.StringIO(), "plain", False),
    ):
        started(stream, format=chosen)
        structlog.get_logger("x").info("here")
        assert stream.getvalue().startswith("{") is is_json
        assert "here" in stream.getvalue()


def test_lines_go_to_standard_error_and_standard_output_stays_clean(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.setup(service=True)
    structlog.get_logger("x").info("here")
    captured = capsys.readouterr()
    assert captured.out == "" and "here" in captured.err


def test_a_service_says_what_it_does_and_a_command_only_what_is_wrong() -> None:
    for level, service, said in (
        ("auto", True, ["i", "w"]),
        ("auto", False, ["w"]),
        ("error", True, []),
        ("debug", False, ["d", "i", "w"]),
    ):
        stream = started(io.StringIO(), level=level, service=service)
        log = structlog.get_logger("x")
        log.debug("d")
        log.info("i")
        log.warning("w")
        assert [line["event"] for line in lines(stream)] == said


def test_setting_up_again_does_not_say_everything_twice() -> None:
    started(io.StringIO())
    stream = started(io.StringIO())
    structlog.get_logger("x").info("once")
    assert len(lines(stream)) == 1


def test_libraries_that_talk_at_every_tick_are_heard_from_warning_on() -> None:
    stream = started(io.StringIO())
    logging.getLogger("apscheduler.executors.default").info("Running job")
    logging.getLogger("sqlalchemy.engine.Engine").info("SELECT 1")
    logging.getLogger("alembic.runtime.plugins").info("setup plugin %s", "alembic.autogenerate.types")
    logging.getLogger("apscheduler.scheduler").warning("trouble")
    assert [line["event"] for line in lines(stream)] == ["trouble"]


def lose_the_connection(logger: str = "discord.shard") -> None:
    try:
        raise ConnectionResetError("the other end hung up")
    except ConnectionResetError as error:
        # As discord.py's shard.py writes it.
        logging.getLogger(logger).error(
            "Attempting a reconnect for shard ID %s in %.2fs", 0, 2.028, exc_info=error
        )


def test_while_discord_is_away_each_new_try_is_one_warning_without_a_traceback() -> None:
    stream = started(io.StringIO())
    lose_the_connection()
    (line,) = lines(stream)
    assert line["level"] == "warning" and "exception" not in line
    assert line["event"] == "Attempting a reconnect for shard ID 0 in 2.03s (ConnectionResetError)"


def test_discord_py_still_says_these_words_and_other_errors_keep_level_and_traceback() -> None:
    import inspect

    import discord.shard

    source = inspect.getsource(discord.shard)
    assert all(f"('{words}" in source for words in logs._AWAY["discord.shard"])
    stream = started(io.StringIO())
    lose_the_connection("discord.gateway")
    logging.getLogger("discord.shard").error("Something else", exc_info=ValueError("odd"))
    assert [(line["level"], "odd" in line["exception"]) for line in lines(stream)] == [
        ("error", False),
        ("error", True),
    ]


def test_a_connection_of_a_database_that_was_restarted_is_one_warning_and_sqlalchemy_still_says_these_words() -> (
    None
):
    import inspect

    import sqlalchemy.pool.base

    name = "sqlalchemy.pool.impl.AsyncAdaptedQueuePool"
    source = inspect.getsource(sqlalchemy.pool.base)
    assert "Exception {'terminating' if terminate else 'closing'} " in source
    assert '"Exception during reset' in source
    stream = started(io.StringIO())
    logging.getLogger(name).error("Exception closing connection %r", "one", exc_info=OSError("gone"))
    (line,) = lines(stream)
    assert (line["level"], line["event"]) == ("warning", "Exception closing connection 'one' (OSError)")
    assert "exception" not in line


def test_who_asks_for_errors_only_does_not_hear_of_new_tries() -> None:
    stream = started(io.StringIO(), level="error")
    lose_the_connection()
    assert lines(stream) == []


def test_another_handler_sees_the_record_as_the_library_wrote_it() -> None:
    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append((record.levelname, record.exc_info is not None))

    kept: list[tuple[str, bool]] = []
    started(io.StringIO())
    logging.getLogger().addHandler(Keeping())
    lose_the_connection()
    assert kept == [("ERROR", True)]


async def test_what_belongs_to_one_request_carries_its_id_also_in_tasks_and_libraries() -> None:
    stream = started(io.StringIO())

    async def work() -> None:
        await asyncio.sleep(0)
        logging.getLogger("discord").info("inside")

    async def one(person: str) -> str:
        with logs.request(person=person) as number:
            await asyncio.create_task(work())
            return number

    numbers = await asyncio.gather(one("a"), one("b"))
    structlog.get_logger("x").info("outside")
    *inside, outside = lines(stream)
    assert {(line["person"], line["request_id"]) for line in inside} == set(zip("ab", numbers, strict=True))
    assert numbers[0] != numbers[1] and "request_id" not in outside


# --- secrets ------------------------------------------------------------------------------------------


def say_everywhere(secret: str) -> None:
    """Log ``secret`` in every place of a line that can hold text, by our loggers and the libraries'."""
    log = structlog.get_logger("x")
    log.info(
        f"event {secret} end",
        value=f"({secret})",
        deep={"list": [secret, {secret: secret}], "thing": {secret}},
    )
    log.info(
        "by name", token="plain-words", signing_secret="plain-words", headers={"Authorization": "plain-words"}
    )
    log.info("address", url=DATABASE.format("plain-words"), query="https://h/?a=1&ticket=plain-words&b=2")
    log.warning("object", thing=ValueError(secret), stack_info=True)
    try:
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise ExceptionGroup(f"group {secret}", [RuntimeError(secret)]) from error
    except ExceptionGroup:
        log.exception("ours")
        for name in LIBRARIES:
            logging.getLogger(name).exception("theirs %s %r", secret, {"k": secret}, stack_info=True)
    logging.getLogger("discord").warning("%d", secret)  # no number: this line cannot be written


@pytest.mark.parametrize("style", ["json", "plain"])
@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_in_no_line(kind: str, style: str, capsys: pytest.CaptureFixture[str]) -> None:
    secret = PLANTED[kind]
    stream = started(io.StringIO(), format=style, secrets=[PLANTED["configured secret"]])
    say_everywhere(secret)
    text = stream.getvalue() + capsys.readouterr().err
    assert secret not in text and "plain-words" not in text
    assert text.count(HIDDEN) > 20
    assert "a log line could not be written" in text
    assert all(name in text for name in LIBRARIES)


def test_a_configured_secret_is_hidden_in_its_url_form_too_and_the_longest_one_goes_first() -> None:
    redact = Redactor(["p@ss word", "p@ss", "ab"])
    assert redact("x p%40ss%20word y p@ss word z ab") == f"x {HIDDEN} y {HIDDEN} z ab"


@pytest.mark.parametrize(
    "text",
    [
        "The database locked; 3 of 10 sent in 1.25 s (v2.7.1, discord.py) at 2026-03-02T09:00:00.123456Z",
        "GET https://discord.com/api/v10/users/@me with 401",
        "file /srv/starling/core/packs/starter/behavioural.toml:12",
        "token: not set; the bot said hello to the author of a secret",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert Redactor(["another"])(text) == text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:p/w@x@host:5432/name", "postgresql://me:[hidden]@host:5432/name"),
        ("postgresql://host/name?password=pw&x=1", "postgresql://host/name?password=[hidden]&x=1"),
        ("postgresql://me@host/name", "postgresql://me@host/name"),
        ("sqlite:///starling.db", "sqlite:///starling.db"),
        ("a@b:c", "a@b:c"),
        (
            "https://discord.com/api/webhooks/123/abcdefghijklmnopqrst",
            "https://discord.com/api/webhooks/123/[hidden]",
        ),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert without_password(address) == shown


# --- members' words -----------------------------------------------------------------------------------


def test_a_long_text_is_cut_wherever_it_stands_and_the_cut_is_visible() -> None:
    stream = started(io.StringIO())
    answer = "At my last job " * 60
    log = structlog.get_logger("x")
    try:
        raise ValueError(answer)
    except ValueError:
        log.exception(answer, answer=answer, nested=[{"answer": answer}], thing=(answer,))
    logging.getLogger("sqlalchemy.engine").warning("[parameters: %s]", (answer,))
    for line in lines(stream):
        assert line["event"].endswith(" characters)") and len(line["event"]) < 230
    (ours, _) = lines(stream)
    assert ours["answer"] == f"{answer[:200]}... (900 characters)"
    assert len(ours["nested"][0]["answer"]) < 230 and len(ours["thing"][0]) < 230
    assert "Traceback" in ours["exception"] and answer[:201] not in ours["exception"]


def test_nobody_writes_a_line_of_the_log_by_typing_a_line_break_or_an_escape() -> None:
    stream = started(io.StringIO(), format="plain")
    structlog.get_logger("x").info("said", name="eve\n2026 [info] all is well\x1b[2J\x9b")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue() and "\x9b" not in stream.getvalue()


def test_a_value_that_cannot_be_printed_costs_no_line() -> None:
    class Silent:
        def __repr__(self) -> str:
            raise RuntimeError

    stream = started(io.StringIO())
    structlog.get_logger("x").info("said", thing=Silent(), deep=[[[[[["far"]]]]]], many=list(range(50)))
    (line,) = lines(stream)
    assert line["thing"].endswith("Silent that raises RuntimeError when printed>")
    assert len(line["many"]) == 20


def test_a_chain_of_exceptions_is_told_with_its_lines_of_code() -> None:
    stream = started(io.StringIO())
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second")  # noqa: B904 (the chain that Python makes by itself)
    except ValueError:
        structlog.get_logger("x").error("failed", exc_info=sys.exc_info())
    told = lines(stream)[0]["exception"]
    assert (
        told.index("KeyError: 'first'")
        < told.index("while that was handled")
        < told.index("ValueError: second")
    )
    assert 'raise KeyError("first")' in told
