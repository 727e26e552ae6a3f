"""The kinds of value a setting can have, and what makes one wrong.

A check raises ValueError with words that follow the key's name ("is no address; write ..."): they say what is
wrong and what to do, and never repeat the value, which may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

DATABASE_FILE: Final = "starling.db"
UNSET: Final = SecretStr("")


def beside(said: str) -> PydanticCustomError:
    """What is wrong only because of another key, which may stand in a file that could not be read."""
    return PydanticCustomError("beside", "{said}", {"said": said})


def _number(value: object) -> object:
    if isinstance(value, bool):  # pydantic would read true as 1
        raise PydanticCustomError("number", "no number")
    return value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _address(*schemes: str, optional: bool = False) -> Callable[[str], str]:
    """A check for addresses of these kinds; what passes has no slash at its end."""
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(value: str) -> str:
        value = value.strip()
        if not value and optional:
            return value
        try:
            parts = urlsplit(value)
            good = parts.scheme in schemes and parts.hostname and (parts.port is None or parts.port > 0)
        except ValueError:
            good = False
        if not good or any(char.isspace() for char in value):
            raise ValueError(f"is no address; write one that begins with {wanted} and names a host")
        return value.rstrip("/")

    return check


def _secret(value: SecretStr, wrong: tuple[str, ...] = (), right: str = "") -> SecretStr:
    text = value.get_secret_value().strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("holds a character that no token has; copy it again, the token alone")
    if begins := next((start for start in wrong if text.startswith(start)), ""):
        raise ValueError(f"begins with {begins}, so it is a token of another kind; {right}")
    return SecretStr(text)


def _discord_token(value: SecretStr) -> SecretStr:
    if value.get_secret_value().lstrip().startswith("Bot "):
        raise ValueError("begins with the word “Bot”; write the token alone")
    return _secret(value)


def _bot_token(value: SecretStr) -> SecretStr:
    return _secret(value, ("xapp-", "xoxp-"), "a bot token begins with xoxb-")


def _app_token(value: SecretStr, info: ValidationInfo) -> SecretStr:
    value = _secret(value, ("xoxb-", "xoxp-"), "an app-level token begins with xapp-")
    needs = "Socket Mode needs it: create an app-level token with the scope connections:write"
    return _beside_bot_token(value, info, "socket", f'{needs}, or set slack.mode = "http"')


def _signing_secret(value: SecretStr, info: ValidationInfo) -> SecretStr:
    value = _secret(value, ("xox", "xapp-"), "the signing secret stands under “Basic Information” of the app")
    needs = "HTTP mode needs it: copy the Signing Secret from “Basic Information” of the Slack app"
    return _beside_bot_token(value, info, "http", f'{needs}, or set slack.mode = "socket"')


def _beside_bot_token(value: SecretStr, info: ValidationInfo, mode: str, needs: str) -> SecretStr:
    """A secret that ``mode`` cannot do without, once there is a bot token.

    The mode is that of the table, or of the section that a workspace's table stands in, which hands it down.
    """
    bot_token = info.data.get("bot_token")
    if value and bot_token == UNSET:
        raise beside("is set, but bot_token beside it is not; Slack needs both")
    chosen = info.data.get("mode") or (info.context or {}).get("slack_mode")
    if bot_token and not value and chosen == mode:
        raise beside(f"is not set, and {needs}")
    return value


def _workspace_name(value: str, info: ValidationInfo) -> str:
    value = value.strip()
    bot_token = info.data.get("bot_token")
    if value and bot_token == UNSET:
        raise beside("names a workspace without a bot_token; copy it from that workspace's Slack app")
    if bot_token and not value:
        raise beside("is not set; give each workspace a name of your own, such as “Study hall”")
    return value


def _database_url(value: str) -> str:
    value = value.strip()
    if not value:
        from platformdirs import user_data_path

        return str(user_data_path("starling", appauthor=False) / DATABASE_FILE)
    scheme, marked, rest = value.partition("://")
    kind = scheme.partition("+")[0].lower()
    if not marked:
        return value
    if kind == "sqlite" and (not rest.startswith("/") or rest in ("/", "/:memory:")):
        raise ValueError(
            "names no file; write sqlite:///starling.db (three slashes), or the file's path alone"
        )
    if kind not in ("sqlite", "postgresql", "postgres"):
        raise ValueError(
            "is no database Starling knows; write sqlite:///starling.db or postgresql://user:password@host/name"
        )
    return value


def _file_path(value: str) -> str:
    value = value.strip()
    if value.endswith("/"):
        raise ValueError("names a folder; write the name of a file in it")
    return str(Path(value).expanduser()) if value else value


def _path(value: str) -> str:
    if not value.startswith("/") or any(char.isspace() for char in value):
        raise ValueError("is no path; write one that begins with a slash, such as /slack/events")
    return value


def _coach_url(value: str) -> str:
    value = _address("http", "https", optional=True)(value)
    parts = urlsplit(value)
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user or a password; write the key into coach.key (STARLING_COACH__KEY)")
    if parts.query or parts.fragment:
        raise ValueError("has a question mark or a # in it; write what stands before /chat/completions")
    if value.endswith("/chat/completions"):
        raise ValueError("ends in /chat/completions; leave that out, Starling puts it there")
    return value


def _model(value: str, info: ValidationInfo) -> str:
    value = value.strip()
    if not value.isprintable():
        raise ValueError("holds a character that nobody can see; write the model's name alone")
    if info.data.get("base_url") and not value:
        raise beside(
            "is not set, but coach.base_url is; write the name of a model as the server there knows it"
        )
    return value


def _host(value: str) -> str:
    if not value.strip() or "/" in value or any(char.isspace() for char in value.strip()):
        raise ValueError("is no host; write a name or an address alone, such as 127.0.0.1 or 0.0.0.0")
    return value.strip()


def _shard_ids(value: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(value)) < len(value):
        raise ValueError("names a shard twice; write each once")
    if any(shard < 0 for shard in value):
        raise ValueError("holds a negative number; shards are counted from 0")
    return value


def _user_ids(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not re.fullmatch(r"[UW][A-Z0-9]{1,20}", one):
            raise ValueError(
                "holds something that is no member id; in Slack open somebody's profile, the three dots, “Copy "
                "member ID”: it begins with U"
            )
    return tuple(dict.fromkeys(value))


def _shard_count(value: int, info: ValidationInfo) -> int:
    ids = info.data.get("shard_ids") or ()
    if ids and not value:
        raise beside(
            "is not set, but shard_ids is; write how many shards there are in all processes together"
        )
    if ids and max(ids) >= value:
        raise beside(
            f"leaves no room for shard {max(ids)}; shards are counted from 0, so write {max(ids) + 1} or more"
        )
    return value


Whole = Annotated[int, BeforeValidator(_number)]
Number = Annotated[float, BeforeValidator(_number)]
Host = Annotated[str, AfterValidator(_host)]
HttpUrl = Annotated[str, AfterValidator(_address("http", "https"))]
Proxy = Annotated[str, AfterValidator(_address("http", "https", optional=True)), Field(repr=False)]
BotToken = Annotated[SecretStr, AfterValidator(_bot_token)]
AppToken = Annotated[SecretStr, AfterValidator(_app_token)]
SigningSecret = Annotated[SecretStr, AfterValidator(_signing_secret)]
WorkspaceName = Annotated[str, AfterValidator(_workspace_name)]
UserIds = Annotated[tuple[str, ...], AfterValidator(_user_ids)]
DiscordToken = Annotated[SecretStr, AfterValidator(_discord_token)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url), Field(repr=False)]  # it may hold a password
CoachUrl = Annotated[str, AfterValidator(_coach_url), Field(repr=False)]  # nor may a wrong one be shown
CoachKey = Annotated[SecretStr, AfterValidator(_secret)]
CoachModel = Annotated[str, AfterValidator(_model)]
GatewayUrl = Annotated[str, AfterValidator(_address("ws", "wss"))]
FilePath = Annotated[str, AfterValidator(_file_path)]
HttpPath = Annotated[str, AfterValidator(_path)]
ShardIds = Annotated[tuple[Whole, ...], AfterValidator(_shard_ids)]
ShardCount = Annotated[Whole, AfterValidator(_shard_count)]
#: For a choice among words, in either case.
Word: Final = BeforeValidator(_lower)
