"""config.example.toml and docs/configuration.md say what the settings are, and nothing else."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import discord.asset
import discord.gateway
import discord.http
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings, load
from bot.config_pages import configuration_page, example_file
from bot.setting_keys import WORKSPACES, every_key, variables

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config.example.toml"


def uncommented() -> str:
    """The example with every setting switched on: "#key = value" and "#[[table]]" lose their sign."""
    return re.sub(r"(?m)^#(?=[a-z\[])", "", EXAMPLE.read_text(encoding="utf-8"))


def leaves() -> dict[str, Any]:
    """Dotted name -> value of the example with every setting switched on."""
    found: dict[str, Any] = {}
    for section, keys in tomllib.loads(uncommented()).items():
        for name, value in keys.items():
            if f"{section}.{name}" == WORKSPACES:
                (table,) = value
                found |= {f"{WORKSPACES}.{key}": one for key, one in table.items()}
            else:
                found[f"{section}.{name}"] = value
    return found


def test_the_example_names_exactly_the_keys_that_there_are() -> None:
    assert sorted([*leaves(), WORKSPACES]) == sorted(every_key())


def test_the_example_shows_the_defaults() -> None:
    for name, value in leaves().items():
        key = every_key()[name]
        default = key.field.default
        assert value == ("" if key.secret else list(default) if isinstance(default, tuple) else default), name


@pytest.mark.parametrize("switched_on", [False, True])
def test_the_example_loads_as_it_is_and_switched_on_and_means_the_defaults(
    tmp_path: Path, switched_on: bool
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(uncommented() if switched_on else EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(path, {}, {}) == Settings()


def test_every_key_of_the_example_is_explained_above_itself() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").split("\n")
    for above, line in itertools.pairwise(lines):
        if re.match(r"#?[a-z\[]", line):
            assert above.startswith("# ") and above.endswith("."), line


@pytest.mark.parametrize(
    ("command", "file", "text"),
    [
        ([], "docs/configuration.md", configuration_page),
        (["example"], "config.example.toml", example_file),
    ],
)
def test_the_pages_are_what_their_command_prints(command: list[str], file: str, text: Any) -> None:
    run = [sys.executable, "-m", "bot.config", *command]
    printed = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    written = (ROOT / file).read_text(encoding="utf-8")
    assert printed == text() == written, f"make it again: python {' '.join(run[1:])} > {file}"
    assert " ".join(["python", *run[1:]]) in written


def test_the_page_has_a_row_for_every_key_and_variable() -> None:
    page = configuration_page()
    assert all(f"`{variable}`" in page for variable in variables())
    assert all(f"| `{key.name}` |" in page for key in every_key().values() if key.dotted != WORKSPACES)


def test_every_variable_is_named_as_its_key() -> None:
    assert variables()["STARLING_DISCORD__API_BASE_URL"].dotted == "discord.api_base_url"
    assert len(variables()) == sum(key.table != WORKSPACES for key in every_key().values())


def test_the_default_addresses_are_those_of_the_libraries() -> None:
    settings = Settings()
    assert settings.discord.api_base_url == discord.http.Route.BASE
    assert settings.discord.gateway_url == str(discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY).rstrip("/")
    assert settings.discord.cdn_base_url == discord.asset.Asset.BASE
    assert settings.slack.api_base_url == AsyncWebClient.BASE_URL.rstrip("/")
