"""Settings: where they come from, which source wins, and what a wrong one is told."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import Settings, load, redacted, secret_values
from bot.settings import Database
from core.errors import SettingsError, StarlingError
from core.store.engine import database_url

Load = Callable[..., Settings]
TOKEN = ".".join(("MTIzNDU2Nzg5MDEyMzQ1Njc4", "GabcdE", "abcdefghijklmnopqrstuvwxyz0123456789AB"))
BOT, APP, SIGNING = "xoxb-1111111111-planted", "xapp-1-A222-planted", "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def settings(
    file: str | None = None, /, *, flags: Mapping[str, object] | None = None, **env: str
) -> Settings:
    """Loaded from ``my.toml`` with this text, these variables and these flags."""
    path = None
    if file is not None:
        path = Path("my.toml")
        path.write_text(file, encoding="utf-8")
    return load(path, env, flags or {})


def complaints(
    file: str | None = None, /, *, flags: Mapping[str, object] | None = None, **env: str
) -> list[str]:
    """The lines of the error that these settings raise."""
    with pytest.raises(SettingsError) as caught:
        settings(file, flags=flags, **env)
    assert isinstance(caught.value, StarlingError)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    return str(caught.value).split("\n")


# --- where they come from -----------------------------------------------------------------------------


def test_without_any_source_there_are_the_defaults() -> None:
    assert settings() == Settings()
    assert settings().health.port == 8321


def test_a_later_source_wins_over_an_earlier_one_key_by_key() -> None:
    file = "[health]\nport = 1111\nhost = '0.0.0.0'\n[log]\nlevel = 'debug'"
    assert settings(file).health.port == 1111
    assert settings(file, STARLING_HEALTH__PORT="2222").health.port == 2222
    both = settings(file, flags={"health.port": 3333}, STARLING_HEALTH__PORT="2222")
    assert (both.health.port, both.health.host, both.log.level) == (3333, "0.0.0.0", "debug")


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    assert settings(flags={"log.level": None, "data": None}) == Settings()


def test_lists_and_tables_come_from_the_environment_as_json() -> None:
    workspaces = [{"name": "Hall", "bot_token": BOT, "app_token": APP}]
    loaded = settings(
        STARLING_DISCORD__SHARD_IDS="[0, 2]",
        STARLING_DISCORD__SHARD_COUNT="3",
        STARLING_SLACK__WORKSPACES=json.dumps(workspaces),
    )
    assert loaded.discord.shard_ids == (0, 2)
    assert [one.name for one in loaded.slack.tokens] == ["Hall"]


def test_the_file_is_the_one_asked_for_or_config_toml_if_there_is_one() -> None:
    Path("config.toml").write_text("[health]\nport = 1")
    Path("other.toml").write_text("[health]\nport = 2")
    Path("third.toml").write_text("[health]\nport = 3")
    assert load(None, {}, {}).health.port == 1
    assert load(None, {"STARLING_CONFIG": "other.toml"}, {}).health.port == 2
    assert load(Path("third.toml"), {"STARLING_CONFIG": "other.toml"}, {}).health.port == 3


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_is_read() -> None:
    Path("my.toml").write_bytes(b"\xef\xbb\xbf[health]\r\nport = 5\r\n")
    assert load(Path("my.toml"), {}, {}).health.port == 5


def test_the_database_is_a_file_in_the_user_data_folder_unless_data_or_url_say_otherwise(
    tmp_path: Path,
) -> None:
    assert Path(settings().database.url).name == "starling.db"
    assert "starling" in Path(settings().database.url).parent.as_posix()
    chosen = settings("[database]\nurl = 'sqlite:///a.db'", flags={"data": tmp_path / "what? ü"})
    assert database_url(chosen.database.url).database == str(tmp_path / "what? ü" / "starling.db")
    assert settings("[database]\nurl = 'sqlite:///a.db'").database.url == "sqlite:///a.db"


def test_variables_of_tests_and_of_kubernetes_are_passed_over_and_nothing_else_is() -> None:
    settings(
        STARLING_TEST_SIZE="full",
        STARLING_PORT="tcp://10.0.0.1:80",
        STARLING_PORT_80_TCP_ADDR="10.0.0.1",
        STARLING_SERVICE_HOST="10.0.0.1",
        STARLING_WEB_SERVICE_PORT="80",
        PATH="/bin",
    )
    assert complaints(STARLING_HEALTH_PORT="80") == [
        'STARLING_HEALTH_PORT = "80" (environment) is nothing that Starling knows; '
        "did you mean STARLING_HEALTH__PORT (health.port)?"
    ]


def test_a_variable_replaces_the_list_of_the_file_and_leaves_the_keys_beside_it() -> None:
    file = "[discord]\nshard_ids = [0, 1]\nshard_count = 4"
    assert settings(file, STARLING_DISCORD__SHARD_IDS="[3]").discord.shard_ids == (3,)
    assert settings(file, STARLING_DISCORD__SHARD_IDS="[]").discord.shard_count == 4


def test_settings_made_directly_read_neither_the_environment_nor_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("config.toml").write_text("[health]\nport = 1")
    monkeypatch.setenv("STARLING_HEALTH__PORT", "2")
    monkeypatch.setenv("STARLING_LOG__LEVEL", "no level at all")
    made = Settings(database=Database(url="a.db"))
    assert (made.database.url, made.health.port, Settings().log.level) == ("a.db", 8321, "auto")
    assert load(None, {}, {}).health.port == 1  # the variables are those given, not those of the process
    assert Settings().health.port == 8321
    assert "health.port" in complaints(STARLING_HEALTH__PORT="x")[0]
    assert Settings().health.port == 8321


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        settings().health.port = 1  # type: ignore[misc]


# --- what a wrong one is told -------------------------------------------------------------------------


def test_all_problems_are_told_at_once_each_with_key_value_place_and_remedy() -> None:
    file = "[health]\nprot = 1\nport = 99999\n[delivery]\nslack_ambiguous = 'maybe'"
    said = complaints(file, flags={"log.level": "loud"}, STARLING_LIMITS__COMMANDS_PER_MINUTE="many")
    assert sorted(said) == [
        'delivery.slack_ambiguous = "maybe" (my.toml:5) is wrong; write one of "skip", "resend".',
        "health.port = 99999 (my.toml:3) is wrong; write a whole number from 0 to 65535.",
        "health.prot = 1 (my.toml:2) is nothing that Starling knows; did you mean health.port?",
        'limits.commands_per_minute = "many" (STARLING_LIMITS__COMMANDS_PER_MINUTE) is wrong; '
        "write a whole number from 1 to 10000.",
        'log.level = "loud" (--log-level) is wrong; write one of "auto", "debug", "info", "warning", "error".',
    ]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("health.port = -1", "a whole number from 0 to 65535"),
        ("health.port = true", "a whole number from 0 to 65535"),
        ("health.port = 1.5", "a whole number from 0 to 65535"),
        ("health.host = 'http://here'", "a name or an address alone"),
        ("delivery.tick_seconds = nan", "a number above 0 and at most 60"),
        ("delivery.tick_seconds = 0", "a number above 0 and at most 60"),
        ("delivery.dm_expiry_hours = 25", "a number above 0 and at most 24"),
        ("delivery.channel_expiry_hours = inf", "a number above 0 and at most 24"),
        ("discord.api_base_url = 'discord.com'", "begins with http:// or https://"),
        ("discord.api_base_url = 'https://discord.com:99999'", "begins with http:// or https://"),
        ("discord.gateway_url = 'https://gateway'", "begins with ws:// or wss://"),
        ("discord.proxy = 'socks://here'", "begins with http:// or https://"),
        ("discord.shard_ids = [0, 0]\ndiscord.shard_count = 2", "write each once"),
        ("discord.shard_ids = [-1]\ndiscord.shard_count = 2", "counted from 0"),
        ("discord.shard_ids = [0, 2]\ndiscord.shard_count = 2", "write 3 or more"),
        ("discord.shard_ids = [0]", "shard_count is not set"),
        ("discord.token = 'Bot abc'", "write the token alone"),
        ("discord.token = 'two words'", "copy it again"),
        ("slack.http_path = 'slack/events'", "begins with a slash"),
        ("slack.app_token = 'xapp-1'", "bot_token beside it is not"),
        ("slack.bot_token = 'xoxb-1'", "Socket Mode needs it"),
        ("slack.bot_token = 'xoxb-1'\nslack.mode = 'HTTP'", "HTTP mode needs it"),
        ("slack.bot_token = 'xapp-1'", "a bot token begins with xoxb-"),
        ("slack.workspaces = [{ name = 'a' }]", "names a workspace without a bot_token"),
        ("slack.workspaces = [{ bot_token = 'xoxb-1', app_token = 'xapp-1' }]", "give each workspace a name"),
        ("slack.workspaces = [{ name = 'a', bot_token = 'xoxb-1' }]", "Socket Mode needs it"),
        ("[slack.workspaces]\nname = 'a'", "with two brackets"),
        ("health = 3", "health (my.toml:1) is a section"),
        ("database.url = 'mysql://host/name'", "sqlite:///starling.db or postgresql://"),
        ("database.url = 'sqlite://starling.db'", "three slashes"),
        ("database.url = 'sqlite:///:memory:'", "names no file"),
        ("[helth]\nport = 1", "did you mean [health]?"),
        ("[Health]\nport = 1", "did you mean [health]?"),
        ("[health]\nPort = 1", "did you mean health.port?"),
        ("token = 'x'", "did you mean discord.token?"),
        ("[log]\nzzz = 1", "the keys of [log] are level, format"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(file: str, said: str) -> None:
    lines = complaints(file)
    assert any(said in line for line in lines), lines


def test_two_workspaces_stand_in_tables_of_their_own_or_the_flat_keys_hold_one_but_never_both() -> None:
    flat = f"[slack]\nbot_token = '{BOT}'\napp_token = '{APP}'\n"
    table = f"[[slack.workspaces]]\nname = 'Hall'\nbot_token = '{BOT}'\napp_token = '{APP}'\n"
    assert [one.name for one in settings(flat).slack.tokens] == ["slack"]
    assert [one.name for one in settings(table + table.replace("Hall", "Club")).slack.tokens] == [
        "Hall",
        "Club",
    ]
    assert "and so is slack.bot_token" in complaints(flat + table)[0]
    assert "two tables named “Hall”" in complaints(table + table)[0]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("[health]\nport = \n", "my.toml:2: not TOML"),
        ("[health]\nport = 1\nport = 2", "my.toml:3: key 'port' is given twice"),
        ("[health]\nhost = “here”", "my.toml:2: not TOML: Invalid value: the quotation marks of TOML"),
    ],
)
def test_a_file_that_is_not_toml_is_told_file_and_line(source: str, said: str) -> None:
    assert complaints(source)[0].startswith(said)


def test_a_file_that_cannot_be_read_is_told_with_what_else_is_wrong_but_not_with_what_it_may_hold() -> None:
    Path("folder.toml").mkdir()
    Path("utf16.toml").write_text("[health]", encoding="utf-16")
    env = {"STARLING_SLACK__APP_TOKEN": APP, "STARLING_HEALTH__PORT": "x"}
    for name, said in (
        ("none.toml", "Copy config.example.toml to none.toml"),
        ("folder.toml", "cannot be read"),
    ):
        with pytest.raises(SettingsError) as caught:
            load(Path(name), env, {})
        lines = str(caught.value).split("\n")
        assert len(lines) == 2 and said in lines[0] and "health.port" in lines[1]
    with pytest.raises(SettingsError, match=r"utf16.toml:1: the file is UTF-16; save it as UTF-8"):
        load(Path("utf16.toml"), {}, {})


@pytest.mark.parametrize("text", ["0,1", "", "null", "1", '{"0": 1}', '"[0]"', "[" * 100_000])
def test_a_list_in_a_variable_that_is_no_json_is_told_how_to_write_it(text: str) -> None:
    (said,) = complaints(STARLING_DISCORD__SHARD_IDS=text)
    assert said.startswith("discord.shard_ids = ")
    assert "(STARLING_DISCORD__SHARD_IDS) is wrong; write a list as JSON, such as [0, 1]." in said


def test_a_section_that_is_a_value_is_told_though_a_variable_sets_a_key_of_it() -> None:
    assert complaints("log = 'debug'", STARLING_LOG__FORMAT="json", STARLING_HEALTH__PORT="x") == [
        "log (my.toml:1) is a section; write [log] on a line of its own and its keys below it.",
        'health.port = "x" (STARLING_HEALTH__PORT) is wrong; write a whole number from 0 to 65535.',
    ]


def test_every_workspace_is_told_what_the_mode_of_its_section_asks_of_it() -> None:
    tables = [{"name": name, "bot_token": BOT, "app_token": APP} for name in ("Hall", "Club")]
    said = complaints(
        f"[[slack.workspaces]]\nname = 'Den'\nsigning_secret = '{SIGNING}'",
        STARLING_SLACK__WORKSPACES=json.dumps(tables),
        STARLING_SLACK__MODE="HTTP",
    )
    assert [line.partition(", and")[0] for line in said] == [
        f"slack.workspaces[{number}].signing_secret is not set" for number in (0, 1)
    ]


def test_no_message_shows_a_secret_not_even_under_a_misspelt_name() -> None:
    said = complaints(
        f"[discord]\ntoken = ['{TOKEN}']\ntokn = '{SIGNING}'\nproxy = 'ftp://me:s3/cr@t@host'\n"
        f"[slack]\nbot_tokn = 'short1'\nmode = '{BOT}'\nworkspaces = '{APP}'\n"
        f"[database]\nurl = 'mysql://me:s3/cr@t@host/name'\nurll = 'postgresql://me:s3/cr@t@host/n'",
        STARLING_DISCORD_TOKEN="short2",
        STARLING_SLACK__SIGNING="an unlikely place for a secret that is long",
        STARLING_SLACK__APP_TOKEN=f"{APP} {APP}",
    )
    text = "\n".join(said)
    assert len(said) == 11, text
    for secret in (TOKEN, SIGNING, "s3/cr@t", "cr@t", "short1", "short2", BOT, APP, "unlikely"):
        assert secret not in text


# --- showing them -------------------------------------------------------------------------------------

SECRETIVE = {
    "STARLING_DISCORD__TOKEN": TOKEN,
    "STARLING_DISCORD__PROXY": "http://me:pr%40xy@proxy:8080",
    "STARLING_DATABASE__URL": "postgresql://me:hunter22@db/starling",
    "STARLING_SLACK__WORKSPACES": json.dumps(
        [{"name": "Hall", "bot_token": BOT, "app_token": APP, "signing_secret": SIGNING}]
    ),
}


def test_the_shown_settings_have_every_key_and_no_secret() -> None:
    shown = redacted(load(None, SECRETIVE, {}))
    assert shown["database"]["url"] == "postgresql://me:[hidden]@db/starling"
    assert shown["discord"]["token"] == "[hidden]"
    assert shown["slack"]["bot_token"] == ""
    assert set(shown["slack"]) == set(type(Settings().slack).model_fields)
    text = json.dumps(shown) + repr(load(None, SECRETIVE, {}))
    for secret in (TOKEN, "pr%40xy", "hunter22", BOT, APP, SIGNING):
        assert secret not in text


def test_the_log_is_told_every_secret_to_hide() -> None:
    values = secret_values(load(None, SECRETIVE, {}))
    assert {TOKEN, "pr%40xy", "pr@xy", "hunter22", BOT, APP, SIGNING} == set(values)
    assert secret_values(Settings()) == ()


def test_reading_settings_loads_no_heavy_library() -> None:
    code = "import sys, bot.config; bot.config.load(None, {}, {}); print(*sys.modules)"
    root = Path(__file__).parents[1]
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    # pydantic-settings is loaded, as the base of Settings: it costs 130 ms of CPU here, of which 80 are asyncio
    # and argparse, which the command line loads in any case.
    heavy = {"sqlalchemy", "aiohttp", "structlog", "apscheduler", "discord", "slack_sdk", "rich"}
    assert not heavy & set(loaded.split())
