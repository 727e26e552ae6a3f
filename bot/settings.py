"""What an operator may set: every key with its kind, its bounds, its default and its meaning.

The meanings are written for the operator: docs/configuration.md and config.example.toml are made of them
(``bot/config_pages.py``). Nothing here reads a file or the environment; ``bot/config.py`` does.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, TypeAdapter, ValidationInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.setting_kinds import (
    UNSET,
    AppToken,
    BotToken,
    CoachKey,
    CoachModel,
    CoachUrl,
    DatabaseUrl,
    DiscordToken,
    FilePath,
    GatewayUrl,
    Host,
    HttpPath,
    HttpUrl,
    Number,
    Proxy,
    ShardCount,
    ShardIds,
    SigningSecret,
    UserIds,
    Whole,
    Word,
    WorkspaceName,
    beside,
)

BOT_TOKEN = (
    "The bot token of the Slack app (begins with xoxb-), from “OAuth & Permissions”. Empty: Slack is off."
)
APP_TOKEN = "The app-level token (begins with xapp-) with the scope connections:write. Socket Mode needs it."
ORGANISERS = (
    "Member ids (U...) of those who may organise besides the workspace's admins and owners and the creator of a "
    "channel."
)
SIGNING = "The signing secret, from the Slack app's “Basic Information”. HTTP mode needs it."


class Section(BaseModel):
    # Schemas are built when first needed: bot.config is imported by verbs that want no settings, too.
    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True, defer_build=True
    )


class Database(Section):
    """Where everything is kept."""

    url: DatabaseUrl = Field(
        "",
        description="Where the database is: a file's path, sqlite:///starling.db, or "
        "postgresql://user:password@host/name. A relative path begins where Starling is started. Empty: the "
        "file starling.db in the user-data folder of this machine's user (on Linux "
        "~/.local/share/starling).",
    )
    erasures: FilePath = Field(
        "",
        description="The file that remembers, without a name, who was forgotten, so that an older backup does "
        "not bring them back. Keep it where the backups of the database are not. Empty: erased.jsonl beside a "
        "SQLite file; with PostgreSQL none is written.",
    )
    backup_keep: Whole = Field(
        7, ge=0, le=365, description="How many nightly backups of a SQLite file are kept. 0: none is made."
    )


class Log(Section):
    """What is written to standard error. Tokens and passwords never are, and members' words only in part."""

    level: Annotated[Literal["auto", "debug", "info", "warning", "error"], Word] = Field(
        "auto",
        description="The least important thing that is still written. “auto”: info for `starling run`, "
        "warning for the console and for commands that do one thing and end.",
    )
    format: Annotated[Literal["auto", "plain", "json"], Word] = Field(
        "auto",
        description="“plain” for people, “json” for programs (one object a line). “auto”: plain on a "
        "terminal, json anywhere else.",
    )


class Health(Section):
    """A small web server for monitoring: /healthz, /readyz and /metrics. It has no password."""

    enabled: bool = Field(False, description="Whether that server is started at all.")
    host: Host = Field(
        "127.0.0.1",
        description="The address it listens on. 127.0.0.1: this machine alone; 0.0.0.0: everybody "
        "who can reach it.",
    )
    port: Whole = Field(
        8321, ge=0, le=65535, description="The port it listens on. 0: any free one, named in the log."
    )


class Limits(Section):
    """How much one person, or everybody on one server together, may ask of Starling."""

    answer_characters: Whole = Field(
        20_000, ge=1_000, le=200_000, description="The longest answer that is taken, in characters."
    )
    commands_per_minute: Whole = Field(30, ge=1, le=10_000, description="Commands a minute from one person.")
    home_commands_per_minute: Whole = Field(
        600,
        ge=1,
        le=100_000,
        description="Commands a minute from everybody on one server (on Slack: in one workspace) together. Far "
        "more than one person's, so that nobody alone can keep the others waiting.",
    )


class Retention(Section):
    """How long what is no more needed is kept, in days; 0: for ever. A sweep every night deletes what is older.

    What members wrote, their points and their practice are theirs and are not swept.
    """

    outbox_days: Whole = Field(
        90,
        ge=0,
        le=36_500,
        description="Messages that were sent or given up. What streaks are reckoned from stays in any case: "
        "questions of groups, and whatever did not reach somebody.",
    )
    audit_days: Whole = Field(365, ge=0, le=36_500, description="The list of what organisers changed.")
    asides_days: Whole = Field(
        180,
        ge=0,
        le=36_500,
        description="What could not be sent to somebody and waits for their next command.",
    )
    removed_days: Whole = Field(
        30,
        ge=0,
        le=36_500,
        description="What belongs to a server (on Slack: a workspace) that Starling was removed from: its "
        "channels and, where a group lived nowhere else, the group with its points, packs and schedules. "
        "Members keep their answers and streaks.",
    )


class Delivery(Section):
    """How daily questions and reminders are sent. The defaults keep to what Discord and Slack allow."""

    tick_seconds: Number = Field(
        2, gt=0, le=60, description="How often Starling looks for what is due, in seconds."
    )
    dm_expiry_hours: Number = Field(
        2,
        gt=0,
        le=24,
        description="A direct message that could not be sent for so many hours is not sent any more. Its day "
        "costs nobody a streak.",
    )
    channel_expiry_hours: Number = Field(
        2,
        gt=0,
        le=24,
        description="A channel's question may come late until the group's day ends (its cut-off), and in any "
        "case for so many hours. Later it is not sent any more; its day costs nobody a streak.",
    )
    slack_ambiguous: Annotated[Literal["skip", "resend"], Word] = Field(
        "skip",
        description="What to do when Slack's answer to a message was lost and nothing shows whether it "
        "arrived. “skip”: a question may be missing (organisers can repost it); “resend”: one may appear "
        "twice.",
    )
    lookup_after_seconds: Number = Field(
        60,
        gt=0,
        le=300,
        description="For so long Discord recognises a repeated message, so a lost answer is met by sending "
        "again. Later Starling looks in the channel first.",
    )
    first_contact_dms_per_minute: Whole = Field(
        10,
        ge=1,
        le=60,
        description="How many people a minute may get their first direct message. Discord quarantines bots "
        "that write to many strangers at once.",
    )
    discord_per_second: Whole = Field(
        45,
        ge=1,
        le=500,
        description="Requests a second to Discord. It allows 50 to a whole bot, unless agreed otherwise.",
    )
    slack_per_workspace_per_minute: Whole = Field(
        300,
        ge=1,
        le=1_200,
        description="Messages a minute to one Slack workspace (and never over one a second a channel).",
    )


class Discord(Section):
    """The connection to Discord. Without a token, Discord is off."""

    token: DiscordToken = Field(
        UNSET,
        description="The bot's token, from the “Bot” page of Discord's developer portal. Empty: Discord is "
        "off.",
    )
    api_base_url: HttpUrl = Field(
        "https://discord.com/api/v10",
        description="Where requests go: change it for a rate-limit proxy that several processes share.",
    )
    gateway_url: GatewayUrl = Field("wss://gateway.discord.gg", description="Where events come from.")
    cdn_base_url: HttpUrl = Field(
        "https://cdn.discordapp.com", description="Where pictures and files are fetched."
    )
    proxy: Proxy = Field("", description="An HTTP proxy for all of these: http://host:port. Empty: none.")
    shard_ids: ShardIds = Field(
        (),
        description="Which shards this process takes, counted from 0, such as [0, 1]. Empty: all of them. "
        "A bot needs shards from 2,500 servers on.",
    )
    shard_count: ShardCount = Field(
        0,
        ge=0,
        le=100_000,
        description="How many shards there are in all processes together. 0: as many as Discord recommends, "
        "which is one until there are some thousand servers.",
    )


class SlackWorkspace(Section):
    """One such table for each workspace, when there are several. The secrets of [slack] are empty then."""

    bot_token: BotToken = Field(UNSET, description=BOT_TOKEN.replace("Empty: Slack is off.", "").strip())
    app_token: AppToken = Field(UNSET, description=APP_TOKEN)
    signing_secret: SigningSecret = Field(UNSET, description=SIGNING)
    organisers: UserIds = Field((), description=ORGANISERS)
    name: WorkspaceName = Field(
        "", max_length=60, description="What you call this workspace; it stands in logs and reports."
    )


_TABLES = TypeAdapter(tuple[SlackWorkspace, ...], config=ConfigDict(defer_build=True))


def _workspaces(given: object, info: ValidationInfo) -> tuple[SlackWorkspace, ...]:
    tables = _TABLES.validate_python(given, context={"slack_mode": info.data.get("mode")})
    value = tuple(one for one in tables if one != SlackWorkspace())  # a table without a value means nothing
    flat = [key for key in ("bot_token", "app_token", "signing_secret") if info.data.get(key)]
    if value and flat:
        raise beside(
            f"is given, and so is slack.{flat[0]}; move the tokens under [slack] into a [[slack.workspaces]] "
            "table of their own, or remove the tables"
        )
    names = [one.name.casefold() for one in value]
    if twice := [one.name for one in value if names.count(one.name.casefold()) > 1]:
        raise ValueError(f"has two tables named “{twice[0]}”; give each workspace a name of its own")
    return value


class Slack(Section):
    """The connection to Slack. Without a bot token, Slack is off."""

    mode: Annotated[Literal["socket", "http"], Word] = Field(
        "socket",
        description="“socket”: Starling calls Slack and needs no public address. “http”: Slack calls "
        "Starling at an address you publish (http_host, http_port, http_path).",
    )
    bot_token: BotToken = Field(UNSET, description=BOT_TOKEN)
    app_token: AppToken = Field(UNSET, description=APP_TOKEN)
    signing_secret: SigningSecret = Field(UNSET, description=SIGNING)
    organisers: UserIds = Field((), description=ORGANISERS)
    api_base_url: HttpUrl = Field("https://slack.com/api", description="Where requests go.")
    proxy: Proxy = Field("", description="An HTTP proxy for Slack: http://host:port. Empty: none.")
    http_host: Host = Field("127.0.0.1", description="With mode “http”: the address to listen on.")
    http_port: Whole = Field(3000, ge=0, le=65535, description="With mode “http”: the port. 0: any free one.")
    http_path: HttpPath = Field(
        "/slack/events", description="With mode “http”: the path that Slack's request URLs end in."
    )
    workspaces: Annotated[tuple[SlackWorkspace, ...], PlainValidator(_workspaces)] = Field(
        (), description="Several workspaces: one [[slack.workspaces]] table each."
    )

    @property
    def tokens(self) -> tuple[SlackWorkspace, ...]:
        """Every workspace there is, whichever way it was written; the short form has the name “slack”."""
        if not self.bot_token:
            return self.workspaces
        return (
            SlackWorkspace(
                name="slack",
                bot_token=self.bot_token,
                app_token=self.app_token,
                signing_secret=self.signing_secret,
                organisers=self.organisers,
            ),
        )


class Coach(Section):
    """A language model that asks members about their answers: any server that speaks OpenAI's chat completions. Without
    an address it is off, and nothing that members write leaves this machine. docs/privacy.md says what leaves with it.
    """

    base_url: CoachUrl = Field(
        "",
        description="Where requests go, without /chat/completions: https://api.example.org/v1, or "
        "http://127.0.0.1:11434/v1 for a model on this machine. Who agreed to one host is asked again when it is "
        "another. Empty: there is no coach.",
    )
    key: CoachKey = Field(
        UNSET,
        description="The key that the server there asks for. Empty: none is sent (a model of one's own).",
    )
    model: CoachModel = Field(
        "", max_length=200, description="The model's name, as the server there knows it."
    )
    timeout_seconds: Number = Field(
        10,
        gt=0,
        le=60,
        description="For so many seconds a member waits for the coach; then Starling goes on without.",
    )
    a_day: Whole = Field(
        20,
        ge=1,
        le=1_000,
        description="How often one member may ask the coach on one day (UTC). Each time is one request.",
    )


#: What ``bot.config.load`` reads, the strongest first. Nobody else sets it.
SOURCES: ContextVar[tuple[PydanticBaseSettingsSource, ...]] = ContextVar("SOURCES", default=())


class Settings(Section, BaseSettings):
    """Everything. ``bot.config.load`` makes it; ``Settings()`` is all defaults, and reads nothing at all."""

    # Case counts: else [Health] would be read as [health], and not be told as unknown.
    model_config = SettingsConfigDict(case_sensitive=True, env_prefix="STARLING_", env_nested_delimiter="__")

    database: Database = Field(default_factory=Database)
    log: Log = Field(default_factory=Log)
    health: Health = Field(default_factory=Health)
    limits: Limits = Field(default_factory=Limits)
    retention: Retention = Field(default_factory=Retention)
    delivery: Delivery = Field(default_factory=Delivery)
    discord: Discord = Field(default_factory=Discord)
    slack: Slack = Field(default_factory=Slack)
    coach: Coach = Field(default_factory=Coach)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, *SOURCES.get())
