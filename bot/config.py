"""Settings from a TOML file, the environment and flags. Nothing else in Starling reads a file of settings or
the environment.

pydantic-settings reads the variables and puts the sources together: flags, environment, file, defaults, the
first wins. What it lacks is here: a wrong or unknown key is an error, and all errors are told at once, one a
line: which key, which value, where it was found, and what to do.

    python -m bot.config > docs/configuration.md            the page that lists every key
    python -m bot.config example > config.example.toml      the file that an operator copies
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource, InitSettingsSource, TomlConfigSettingsSource

from bot.config_words import Loc, unknown_key, unknown_variable, wrong
from bot.redact import HIDDEN, passwords, without_password
from bot.setting_keys import PREFIX, every_key, sections, variables
from bot.setting_kinds import DATABASE_FILE
from bot.settings import SOURCES, Section, Settings
from core.errors import SettingsError

__all__ = ["Settings", "load", "redacted", "secret_values"]

DEFAULT_FILE: Final = "config.toml"
EXAMPLE_FILE: Final = "config.example.toml"
#: Names the file when no ``--config`` does.
FILE_VARIABLE: Final = "STARLING_CONFIG"

# What may begin with STARLING_ and is no setting: the tests' own variables, and those that Kubernetes sets by
# itself when a service is called "starling".
_TEST_PREFIX: Final = "STARLING_TEST_"
_SERVICE: Final = re.compile(r"STARLING_(?:\w+_)?(?:SERVICE_(?:HOST|PORT)\w*|PORT_\d+_(?:TCP|UDP)\w*)")
_SERVICE_PORT: Final = re.compile(r"STARLING_(?:\w+_)?PORT=(?:tcp|udp)://.*")


def load(path: Path | None, env: Mapping[str, str], flags: Mapping[str, object]) -> Settings:
    """The settings of this run, or SettingsError with every problem there is.

    ``path`` is what --config names; without it STARLING_CONFIG, then ./config.toml if there is one. ``flags``
    go by dotted names ("log.level"), and "data" is the folder that holds starling.db; None means not given.
    """
    file = _File(path, env)
    sources = (_Flags(flags), _Environment(env), file)
    problems = file.problems + [
        unknown_variable(name, text)
        for name, text in sorted(env.items())
        if name.startswith(PREFIX) and name not in variables() and not _foreign(name, text)
    ]
    before = SOURCES.set(sources)
    try:
        settings = Settings()
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            if not (file.problems and one["type"] == "beside"):
                problems.append(_sentence(one, sources))
    finally:
        SOURCES.reset(before)
    if problems:
        raise SettingsError("\n".join(problems)) from None
    return settings


def redacted(settings: Settings) -> dict[str, dict[str, object]]:
    """The settings by section and key, as they may be shown to anybody."""
    shown = {}
    for section in sections():
        values = getattr(settings, section)
        shown[section] = {name: _shown_setting(getattr(values, name)) for name in type(values).model_fields}
    return shown


def secret_values(settings: Settings) -> tuple[str, ...]:
    """Every secret that these settings hold, for the log to hide."""
    found = [settings.discord.token, settings.coach.key]
    for workspace in settings.slack.tokens:
        found += [workspace.bot_token, workspace.app_token, workspace.signing_secret]
    values = [secret.get_secret_value() for secret in found if secret]
    for address in (settings.database.url, settings.discord.proxy, settings.slack.proxy):
        values += passwords(address)
    return tuple(dict.fromkeys(values))


class _Flags(InitSettingsSource):
    def __init__(self, flags: Mapping[str, object]) -> None:
        values: dict[str, Any] = {}
        self._names: dict[Loc, str] = {}
        for name, value in flags.items():
            if value is None:
                continue
            section, _, key = name.partition(".")
            if name == "data":
                section, key = "database", "url"
                value = str(Path(str(value)).expanduser().absolute() / DATABASE_FILE)
            values.setdefault(section, {})[key] = value
            self._names[section, key] = "--" + name.replace(".", "-").replace("_", "-")
        super().__init__(Settings, values)

    def origin(self, loc: Loc) -> str:
        return self._names.get(loc[:2], "flags")


class _Environment(EnvSettingsSource):
    """The variables that set a key. Lists are JSON; what is none stays text, and is told with all the rest."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(Settings, case_sensitive=False)
        self.env_vars = {name.lower(): text for name, text in env.items() if name in variables()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            read = super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value
        return read if isinstance(read, list) else value

    def origin(self, loc: Loc) -> str:
        return every_key()[f"{loc[0]}.{loc[1]}"].variable


class _File(TomlConfigSettingsSource):
    """The file, opened and parsed here: the library passes over one that is missing, and names no lines."""

    def __init__(self, path: Path | None, env: Mapping[str, str]) -> None:
        super().__init__(Settings, toml_file=None)
        self.problems: list[str] = []  # if there are any, what the file says is not known
        self._text = ""
        asked_by = "--config"
        if path is None and env.get(FILE_VARIABLE):
            path, asked_by = Path(env[FILE_VARIABLE]), FILE_VARIABLE
        elif path is None and Path(DEFAULT_FILE).is_file():
            path = Path(DEFAULT_FILE)
        self._path = path
        if path is not None:
            self.init_kwargs = self._parsed(path, asked_by)
        for section, keys in list(self.init_kwargs.items()):
            if section in sections() and not isinstance(keys, dict):  # a variable would silently replace it
                del self.init_kwargs[section]
                self.problems.append(wrong((section,), keys, self.origin((section,)), ""))

    def _parsed(self, path: Path, asked_by: str) -> dict[str, Any]:
        try:
            source = path.expanduser().read_bytes().removeprefix(b"\xef\xbb\xbf")
            self._text = source.decode().replace("\r\n", "\n")
            return tomllib.loads(self._text)
        except FileNotFoundError:
            self.problems.append(
                f"There is no file {path} ({asked_by}). Copy {EXAMPLE_FILE} to {path} and change what you "
                f"need, or leave {asked_by} out: Starling runs without a file, too."
            )
        except OSError as error:
            self.problems.append(
                f"{path} ({asked_by}) cannot be read: {error.strerror}. Name a file that can be."
            )
        except (ValueError, RecursionError):
            # The reader of question packs knows how to say what is wrong with a TOML file, and in which line.
            from core.packs.document import read

            said = [str(problem) for problem in read(source, str(path))[1]]
            self.problems += said or [f"{path} is not TOML; compare it with {EXAMPLE_FILE}."]
        return {}

    def origin(self, loc: Loc) -> str:
        from core.packs.locate import TooDeep, locate

        try:
            return f"{self._path}:{locate(self._text).line(loc)}"
        except TooDeep:
            return str(self._path)


_Sources = tuple[_Flags | _Environment | _File, ...]


def _sentence(error: ErrorDetails, sources: _Sources) -> str:
    loc = error["loc"]
    value, origin = _given(loc, sources)
    if error["type"] == "extra_forbidden":
        return unknown_key(loc, value, origin)
    said = str(error["ctx"]["error"]) if error["type"] == "value_error" else ""
    return wrong(loc, value, origin, error["msg"] if error["type"] == "beside" else said)


def _given(loc: Loc, sources: _Sources) -> tuple[object, str]:
    """What was set there, and by whom; None when nothing was."""
    for source in sources:
        if (found := _at(source(), loc[:2])) is not None:
            return _at(found, loc[2:]), source.origin(loc)
    return None, ""


def _at(values: Any, loc: Loc) -> object:
    try:
        return reduce(getitem, loc, values)
    except (LookupError, TypeError):
        return None


def _foreign(variable: str, text: str) -> bool:
    if variable == FILE_VARIABLE or variable.startswith(_TEST_PREFIX):
        return True
    return bool(_SERVICE.fullmatch(variable) or _SERVICE_PORT.fullmatch(f"{variable}={text}"))


def _shown_setting(value: object) -> object:
    if isinstance(value, SecretStr):
        return HIDDEN if value else ""
    if isinstance(value, tuple):
        return [_shown_setting(one) for one in value]
    if isinstance(value, Section):
        return {name: _shown_setting(getattr(value, name)) for name in type(value).model_fields}
    return without_password(value) if isinstance(value, str) else value


def main(words: list[str]) -> None:
    """Print the page of the settings, or the example file."""
    from bot.config_pages import configuration_page, example_file

    sys.stdout.write(example_file() if words == ["example"] else configuration_page())


if __name__ == "__main__":
    main(sys.argv[1:])
