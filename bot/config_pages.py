"""docs/configuration.md and config.example.toml, made of the settings' own words."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator

from bot.setting_keys import WORKSPACES, Key, keys_of, sections
from bot.settings import Section, SlackWorkspace

_WIDTH = 100


def tables() -> Iterator[tuple[str, str, tuple[Key, ...]]]:
    """(name, what it is about, its keys) of every table, in the order of the file."""
    for name, model in sections().items():
        yield name, _about(model), tuple(key for key in keys_of(name, model) if key.dotted != WORKSPACES)
        if any(key.dotted == WORKSPACES for key in keys_of(name, model)):
            yield WORKSPACES, _about(SlackWorkspace), keys_of(WORKSPACES, SlackWorkspace)


def _about(model: type[Section]) -> str:
    return inspect.cleandoc(model.__doc__ or "")


# --- config.example.toml ------------------------------------------------------------------------------

_EXAMPLE_HEAD = """\
# Starling's settings. Copy this file to config.toml and change what you need: every key is here, with its
# default value. A line that begins with # and a key, without a blank between, is a setting: take the # away
# to change it. Starling runs without any file, too: then it practises with you in the console.
#
# Each key can also come from the environment, which wins over this file: STARLING_HEALTH__PORT=8080 is
# health.port (two underscores after the section). Better keep tokens and passwords there.
# `starling check` says what is wrong, key by key.
#
# Made by: python -m bot.config example > config.example.toml
"""


def example_file() -> str:
    parts = [_EXAMPLE_HEAD]
    for name, about, keys in tables():
        header = f"#[[{name}]]" if name == WORKSPACES else f"[{name}]"
        parts.append(f"\n{_commented(about)}\n{header}\n")
        parts += [f"\n{_commented(_meaning(key))}\n#{key.name} = {key.default}\n" for key in keys]
    return "".join(parts)


def _commented(text: str) -> str:
    return "\n".join(
        textwrap.wrap(" ".join(text.split()), _WIDTH, initial_indent="# ", subsequent_indent="# ")
    )


def _meaning(key: Key) -> str:
    return (key.field.description or "").replace("`", "")


# --- docs/configuration.md ----------------------------------------------------------------------------

_PAGE_HEAD = """\
<!-- Made of bot/settings.py by: python -m bot.config > docs/configuration.md -->

# Configuration

Starling reads its settings from four places; a later one wins over an earlier one.

1. The defaults below. With them alone `starling console` runs.
2. A TOML file: the one that `--config` names, or the variable `STARLING_CONFIG`, or `config.toml` in the
   folder where Starling is started. Copy `config.example.toml` to begin; every key stands in it.
3. The environment. `STARLING_HEALTH__PORT=8080` is `port` in `[health]`: section and key in capitals, with
   two underscores between. A list is written as JSON: `STARLING_DISCORD__SHARD_IDS='[0, 1]'`.
4. Flags of the command line, such as `--data DIR`: the folder that holds `starling.db`.

A key or a `STARLING_` variable that Starling does not know is an error, so that a misspelt one is not
overlooked. Only variables that begin with `STARLING_TEST_`, and those that Kubernetes sets by itself for a
service called "starling", are passed over. All problems are told at once, one a line, and secrets are never
shown; `starling check` does the same and tries the tokens, too.
"""


def configuration_page() -> str:
    parts = [_PAGE_HEAD]
    for name, about, keys in tables():
        title = f"[[{name}]]" if name == WORKSPACES else f"[{name}]"
        parts.append(f"\n## `{title}`\n\n{about}\n\n")
        if name == WORKSPACES:
            parts.append(
                "From the environment all of them come as one list: `STARLING_SLACK__WORKSPACES`.\n\n"
            )
            parts.append("| key | default | takes | meaning |\n|---|---|---|---|\n")
        else:
            parts.append("| key | variable | default | takes | meaning |\n|---|---|---|---|---|\n")
        parts += [_row(key) for key in keys]
    return "".join(parts)


def _row(key: Key) -> str:
    variable = "" if key.table == WORKSPACES else f" `{key.variable}` |"
    takes = "a secret, in quotation marks" if key.secret else key.takes
    return f"| `{key.name}` |{variable} `{key.default}` | {takes} | {key.field.description} |\n"
