"""The coach's settings, its place in a running Starling, ``starling check``, and what its HTTP client does and not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import structlog
from aiohttp import web
from coach_double import Answering, CoachDouble, Seen, completion, fails, floods, hangs, hangs_up, raw, says
from moved_clock import MovedClock
from test_cli import starling, words_of

from adapters.coach import HttpCoach, host_of
from bot.build import App, build
from bot.check import check
from bot.config import load, redacted, secret_values
from bot.redact import Redactor
from bot.settings import Settings
from core.coaching import AT_ONCE, FAILURES, Coaching, Silence, material_of
from core.errors import SettingsError
from core.ports import NoReply
from core.store import coaching
from core.store.arrivals import create_person
from core.store.engine import Store

KEY = "sk-local-0123456789abcdefghij"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def double() -> AsyncIterator[CoachDouble]:
    async with CoachDouble.running(KEY) as running:
        yield running


def given(**values: object) -> Settings:
    """Settings of which the coach's keys are these, as variables: ``base_url=...``."""
    return load(None, {f"STARLING_COACH__{name.upper()}": str(value) for name, value in values.items()}, {})


def complaint(**values: object) -> str:
    with pytest.raises(SettingsError) as caught:
        given(**values)
    return str(caught.value)


# --- settings -----------------------------------------------------------------------------------------


def test_it_is_off_and_a_key_or_a_model_alone_does_not_switch_it_on() -> None:
    off = Settings().coach
    assert (off.base_url, off.model, off.timeout_seconds, off.a_day) == ("", "", 10, 20)
    assert given(key=KEY, model="small").coach.base_url == ""


def test_an_address_and_a_model_are_enough() -> None:
    coach = given(base_url=" https://api.example.org/v1/ ", model=" small:7b ").coach
    assert (coach.base_url, coach.model, coach.key.get_secret_value()) == (
        "https://api.example.org/v1",
        "small:7b",
        "",
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"base_url": "https://api.example.org/v1"}, "coach.model is not set, but coach.base_url is"),
        ({"base_url": "api.example.org", "model": "m"}, "begins with http:// or https://"),
        ({"base_url": "ftp://api.example.org", "model": "m"}, "begins with http:// or https://"),
        ({"base_url": "https://u:hunter2@api.example.org", "model": "m"}, "write the key into coach.key"),
        ({"base_url": "https://api.example.org/?api-version=1", "model": "m"}, "question mark"),
        ({"base_url": "https://api.example.org/v1/chat/completions", "model": "m"}, "leave that out"),
        ({"key": "two words"}, "coach.key = [hidden] (STARLING_COACH__KEY) holds a character"),
        ({"timeout_seconds": "0"}, "above 0 and at most 60"),
        ({"timeout_seconds": "61"}, "above 0 and at most 60"),
        ({"a_day": "0"}, "from 1 to 1000"),
        ({"api_key": KEY}, "did you mean STARLING_COACH__KEY"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do_and_without_a_secret(
    values: dict[str, str], said: str
) -> None:
    found = complaint(**values)
    assert said in found and found.count("\n") == 0
    assert "hunter2" not in found and KEY not in found and "two words" not in found


def test_the_key_is_hidden_wherever_settings_are_shown_and_in_the_log() -> None:
    settings = given(base_url="https://api.example.org/v1", model="small", key=KEY)
    shown = json.dumps(redacted(settings)) + repr(settings)
    assert KEY not in shown and redacted(settings)["coach"]["key"] == "[hidden]"
    assert KEY in secret_values(settings)
    assert KEY not in Redactor()(f"401 for {KEY} there"), "by its looks alone, too"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://api.example.org/v1", "api.example.org"),
        ("https://api.example.org:443/v1", "api.example.org"),
        ("https://API.example.org:8443", "api.example.org:8443"),
        ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
        ("http://[::1]:80/v1", "[::1]"),
        ("http://[::1]:81/v1", "[::1]:81"),
    ],
)
def test_the_host_is_named_as_people_read_it(address: str, host: str) -> None:
    assert host_of(address) == host


# --- in a running Starling ----------------------------------------------------------------------------


def wired(folder: Path, double: CoachDouble, **more: object) -> Settings:
    coach = {
        "base_url": double.base_url,
        "model": "small",
        "key": KEY,
        "a_day": 3,
        "timeout_seconds": 2,
        **more,
    }
    return Settings.model_validate({"database": {"url": f"sqlite:///{folder}/s.db"}, "coach": coach})


async def test_without_an_address_nothing_of_it_is_made(tmp_path: Path, clock: MovedClock) -> None:
    settings = Settings.model_validate({"database": {"url": f"sqlite:///{tmp_path}/s.db"}})
    async with build(settings, clock, {}) as app:
        assert app.services.coach is None


async def test_it_is_there_while_starling_runs_and_closed_with_it(
    tmp_path: Path, clock: MovedClock, double: CoachDouble
) -> None:
    async with build(wired(tmp_path, double), clock, {}) as app:
        coach = app.services.coach
        assert coach is not None and coach.a_day == 3 and coach.host == double.host
        assert await coach.coach.complete("s", "d") == '{"question": "What did you do yourself?"}'
        http = coach.coach
        assert isinstance(http, HttpCoach) and http._session is not None
        session: aiohttp.ClientSession = http._session
    assert session.closed
    (seen,) = double.seen
    assert seen.body == {
        "model": "small",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "d"}],
    }


async def test_who_agreed_to_one_host_is_asked_again_at_another_and_not_at_the_same(
    tmp_path: Path, clock: MovedClock, double: CoachDouble
) -> None:
    async def agreed(app: App) -> bool:
        async with app.services.store.read() as tx:
            return await coaching.since(tx, 1) is not None

    async with build(wired(tmp_path, double), clock, {}) as app:
        await somebody(app.services.store, clock)
        async with app.services.store.write() as tx:
            await coaching.agree(tx, 1, clock.now())
    async with build(wired(tmp_path, double, model="other"), clock, {}) as app:
        assert await agreed(app)
    off = Settings.model_validate({"database": {"url": f"sqlite:///{tmp_path}/s.db"}})
    async with build(off, clock, {}) as app:
        assert await agreed(app)
    moved = {"base_url": "http://127.0.0.1:9/v1"}
    async with build(wired(tmp_path, double, **moved), clock, {}) as app:
        assert not await agreed(app)


async def somebody(store: Store, clock: MovedClock) -> None:
    async with store.write() as tx:
        assert await create_person(tx, "Ana", "UTC", clock.now()) == 1


def test_a_console_on_a_pipe_names_the_host_and_sends_nothing(tmp_path: Path) -> None:
    async def go() -> tuple[str, CoachDouble]:
        async with CoachDouble.running(KEY) as double:
            env = {"STARLING_COACH__BASE_URL": double.base_url, "STARLING_COACH__KEY": KEY}
            typed = f"/practice track: behavioural\n/answer {STORY}\n/coach answer: 1\n/coach off\n"
            done = await asyncio.to_thread(
                starling, "console", typed=typed, data=tmp_path, env={**env, "STARLING_COACH__MODEL": "small"}
            )
            return words_of(done), double

    said, double = asyncio.run(go())
    assert "May the coach read this answer?" in said and double.host in said
    assert "off for you already" in said and KEY not in said
    assert double.seen == []


STORY = (
    "At my last job our nightly import took nine hours. I rewrote the query and tested it on a copy, and in the end it "
    "took forty minutes for every customer."
)


# --- starling check -----------------------------------------------------------------------------------


async def checked(folder: Path, **values: object) -> tuple[bool, list[str]]:
    """Whether all is well, and what was said of the coach."""
    said: list[str] = []
    coach = {f"STARLING_COACH__{name.upper()}": str(value) for name, value in values.items()}
    good = await check(load(None, coach, {"data": str(folder)}), said.append)
    assert KEY not in "\n".join(said)
    at = next(n for n, line in enumerate(said) if line.startswith("Coach: "))
    return good, said[at:-1]


async def test_check_says_that_it_is_off(tmp_path: Path) -> None:
    good, said = await checked(tmp_path)
    assert good and said == ["Coach: off. Nothing that members write leaves this machine."]


async def test_check_sends_one_tiny_request_with_nobodys_word(tmp_path: Path, double: CoachDouble) -> None:
    double.replies(says("ready"))
    good, said = await checked(tmp_path, base_url=double.base_url, model="small", key=KEY)
    assert good and said == [f"Coach: the model “small” at {double.host} answers, and takes the key."]
    (seen,) = double.seen
    assert len(seen.raw) < 300 and seen.body["model"] == "small"


@pytest.mark.parametrize(
    ("replying", "key", "said"),
    [
        (says("ready"), "sk-another-0123456789", "coach.key: {host} does not take this key (HTTP 401)"),
        (says("ready"), "", "coach.key: {host} asks for a key (HTTP 401), and none is set."),
        (fails(404), KEY, "{host} does not take the request (HTTP 404)"),
        (fails(400), KEY, "{host} does not take the request (HTTP 400)"),
        (fails(302, Location="http://127.0.0.1:9/"), KEY, "{host} does not take the request (HTTP 302)"),
        (fails(503), KEY, "{host} is busy, or something is wrong there (HTTP 503)"),
        (hangs_up(), KEY, "nobody can be reached at {host}"),
        (hangs(), KEY, "{host} did not reply in 0.5 s"),
        (raw(b"<html>Welcome</html>", "text/html"), KEY, "is no chat completion (no chat completion)"),
        (floods(), KEY, "is no chat completion (over 65536 bytes)"),
    ],
)
async def test_check_says_which_setting_is_to_be_seen_to(
    tmp_path: Path, double: CoachDouble, replying: Answering, key: str, said: str
) -> None:
    double.replies(replying)
    began = time.monotonic()
    good, lines = await checked(
        tmp_path, base_url=double.base_url, model="small", key=key, timeout_seconds=0.5
    )
    assert not good and len(lines) == 1 and said.format(host=double.host) in lines[0]
    assert time.monotonic() - began < 5


async def test_check_at_an_address_where_nobody_is(tmp_path: Path) -> None:
    good, said = await checked(tmp_path, base_url="http://127.0.0.1:9/v1", model="small")
    assert not good and "nobody can be reached at 127.0.0.1:9" in said[0]


# --- its client ---------------------------------------------------------------------------------------


async def test_no_redirect_no_proxy_of_the_environment_no_cookie(
    double: CoachDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with CoachDouble.running() as elsewhere, HttpCoach(double.base_url, KEY, "small", 2.0) as http:
        double.replies(fails(307, Location=f"{elsewhere.base_url}/chat/completions"))
        assert await http.complete("s", "d") == NoReply("unknown", "HTTP 307")
        double.replies(with_cookie)
        assert await http.complete("s", "d") == "hello"
        assert await http.complete("s", "d") == "hello"
        assert elsewhere.seen == []
    assert all("Cookie" not in seen.headers for seen in double.seen) and len(double.seen) == 3


async def with_cookie(request: web.Request, seen: Seen) -> web.StreamResponse:
    return web.json_response(completion("hello"), headers={"Set-Cookie": "who=ana; Path=/"})


async def test_it_returns_in_time_whatever_the_other_side_does(double: CoachDouble) -> None:
    async with HttpCoach(double.base_url, KEY, "small", 0.3) as http:
        double.replies(hangs())
        began = time.monotonic()
        assert await http.complete("s", "d") == NoReply("late", "nothing in 0.3 s")
        assert time.monotonic() - began < 2
        double.replies(says("here again"))
        assert await http.complete("s", "d") == "here again"


async def test_the_time_is_for_both_tries_together(double: CoachDouble) -> None:
    async with HttpCoach(double.base_url, KEY, "small", 0.5) as http:
        double.replies(hangs_up(), hangs())
        began = time.monotonic()
        assert await http.complete("s", "d") == NoReply("late", "nothing in 0.5 s")
        assert time.monotonic() - began < 2 and len(double.seen) == 2


async def test_neither_words_nor_key_are_logged(double: CoachDouble, clock: MovedClock) -> None:
    async with HttpCoach(double.base_url, "sk-wrong-0123456789abcdef", "small", 1.0) as http:
        coaching_ = Coaching(http)
        with structlog.testing.capture_logs() as logs:
            about = material_of("Q?", ["my very own story"], (), ())
            for person in (1, 2, 3):
                with coaching_.turn(person, clock.now()) as refused:
                    assert refused is None
                    await coaching_.follow_up(person, about, "result", clock.now())
    assert [each["log_level"] for each in logs] == ["info"] * 3 + ["warning"]
    assert "my very own story" not in str(logs) and "sk-wrong" not in str(logs)
    assert logs[-1]["host"] == double.host and logs[-1]["reason"] == "key"


async def test_one_press_that_fails_twice_counts_once(double: CoachDouble, clock: MovedClock) -> None:
    async with HttpCoach(double.base_url, KEY, "small", 1.0) as http:
        coach = Coaching(http)
        about = material_of("Q?", ["my story"], (), ())
        double.replies(fails(500))
        for person in range(1, FAILURES + 1):
            with coach.turn(person, clock.now()) as refused:
                assert refused is None, "not before so many presses have failed"
                assert isinstance(await coach.labels(person, about, [1], clock.now()), Silence)
                assert isinstance(await coach.follow_up(person, about, "result", clock.now()), Silence)
        with coach.turn(9, clock.now()) as refused:
            assert isinstance(refused, Silence)


async def test_so_many_may_ask_at_once_and_the_next_is_told_so(
    double: CoachDouble, clock: MovedClock
) -> None:
    async with HttpCoach(double.base_url, KEY, "small", 5.0) as http:
        coach = Coaching(http)
        with contextlib.ExitStack() as turns:
            for person in range(AT_ONCE):
                assert turns.enter_context(coach.turn(person, clock.now())) is None
            refused = turns.enter_context(coach.turn(99, clock.now()))
            assert isinstance(refused, Silence) and "busy with others" in refused.words
        with coach.turn(99, clock.now()) as free:
            assert free is None
