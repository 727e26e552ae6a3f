"""The command line. Each verb reads the settings, does one thing, and says plainly when it cannot.

Exit status: 0 fine, 1 a failed check, database or benchmark limit, 2 wrong usage or settings.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TextIO

import typer

from core.errors import SettingsError, StarlingError

app = typer.Typer(
    name="starling",
    help="Interview practice for study groups: on Discord, on Slack, and here.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)
packs = typer.Typer(help="Question packs.", no_args_is_help=True)
app.add_typer(packs, name="pack")
manifests = typer.Typer(help="What a platform is told to make the app of.", no_args_is_help=True)
app.add_typer(manifests, name="manifest")

Config = Annotated[
    Path | None, typer.Option("--config", help="The settings file; ./config.toml when there is one.")
]
Data = Annotated[Path | None, typer.Option("--data", help="The folder that holds the database.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON lines and nothing else.")]


def main() -> None:
    """Entry point of ``starling``: no traceback reaches whoever typed the command."""
    try:
        app()
    except SettingsError as error:
        _leave(error.message, 2)
    except StarlingError as error:
        _leave(error.message, 1)
    except KeyboardInterrupt:
        _leave("Stopped.", 130)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head -1`): nothing to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _leave(words: str, status: int) -> NoReturn:
    sys.stderr.write(f"{words}\n")
    sys.exit(status)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


def _settings(config: Path | None, data: Path | None = None, *, service: bool = False) -> Any:
    from bot import logs
    from bot.config import load, secret_values

    settings = load(config, os.environ, {"data": str(data) if data is not None else None})
    logs.setup(settings.log.level, settings.log.format, service=service, secrets=secret_values(settings))
    return settings


def _is_terminal(stream: TextIO | None) -> bool:
    """A stream that was closed (``<&-``) is None."""
    return stream is not None and stream.isatty()


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


# --- practising -----------------------------------------------------------------------------------


@app.callback(invoke_without_command=True)
def starling(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        from core import __version__

        _say(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        console()


@app.command()
def console(
    name: Annotated[str, typer.Option("--as", help="Speak as this member of the console's group.")] = "You",
    data: Data = None,
    config: Config = None,
) -> None:
    """Practise here: no account, no token. Reads a pipe as well as a terminal."""
    settings = _settings(config, data)
    from bot.practise import practise

    _run(practise(settings, name, terminal=_is_terminal(sys.stdin) and _is_terminal(sys.stdout)))


@app.command()
def demo() -> None:
    """A week of a made-up group, on a temporary database, as a transcript."""
    from bot import logs

    logs.setup(service=False)
    from bot.demo import demo as week

    _run(week(_say))


@app.command()
def run(config: Config = None, data: Data = None) -> None:
    """Serve Discord, Slack or both, until told to stop (SIGTERM or Ctrl+C)."""
    settings = _settings(config, data, service=True)
    from bot.serve import serve

    _run(serve(settings))


# --- looking after it ---------------------------------------------------------------------------


@app.command()
def check(config: Config = None, data: Data = None) -> None:
    """Read the settings, try the database, the packs, Discord and Slack; say what is wrong."""
    settings = _settings(config, data)
    from bot.check import check as look

    good = _run(look(settings, _say))
    raise typer.Exit(0 if good else 1)


@app.command()
def sync(
    server: Annotated[
        int | None, typer.Option("--server", help="Register for this server alone (its id).", min=1)
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; change nothing.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="With --server: take that server's own commands away again.")
    ] = False,
    config: Config = None,
) -> None:
    """Tell Discord which commands there are. A start does so by itself when they have changed.

    Slack needs none of it: its one command stands in the manifest.
    """
    settings = _settings(config)
    from bot.sync import sync as tell

    _run(tell(settings, _say, server=server, dry=dry_run, remove=remove))


@manifests.command("slack")
def manifest_slack(
    mode: Annotated[
        Literal["socket", "http"] | None, typer.Option("--mode", help="Instead of slack.mode.")
    ] = None,
    http: Annotated[
        str, typer.Option("--http", help="HTTP mode: the public https address that leads to Starling.")
    ] = "",
    config: Config = None,
) -> None:
    """Print the Slack app's manifest: paste it into “Create New App”, “From a manifest”. Needs no token."""
    settings = _settings(config)
    from bot.manifest import slack_manifest

    _say(slack_manifest(settings, mode or "", http))


@app.command()
def migrate(config: Config = None, data: Data = None) -> None:
    """Bring the database to this version's schema. A SQLite file is copied first."""
    settings = _settings(config, data)
    from bot.upkeep import migrate as bring

    _say(_run(bring(settings)))


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; beside the database when left out.")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Copy the SQLite database, also while Starling runs."""
    settings = _settings(config, data)
    from bot.upkeep import backup as copy

    _say(_run(copy(settings, file)))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup to put back.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Put a backup in the database's place. The present database is kept aside."""
    settings = _settings(config, data)
    from bot.upkeep import restore as put_back

    _say(_run(put_back(settings, file)))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The new file: .jsonl.gz suits it.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Write the whole database to a file, also while Starling runs: for moving to another database."""
    settings = _settings(config, data)
    from bot.upkeep import export as write

    _say(_run(write(settings, file)))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A file of “starling export”.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Fill a new, empty database from an export; either kind of database from either."""
    settings = _settings(config, data)
    from bot.upkeep import import_ as fill

    _say(_run(fill(settings, file)))


@app.command()
def corrections(
    file: Annotated[str, typer.Argument(help="The new file, or - for standard output.")] = "-",
    config: Config = None,
    data: Data = None,
) -> None:
    """Write out what members corrected and give, as JSON lines without names: to train the reader."""
    settings = _settings(config, data)
    from bot.corrections import write

    _run(write(settings, file, _say))


@packs.command("check")
def pack_check(files: Annotated[list[Path], typer.Argument(help="Pack files (TOML).")]) -> None:
    """Check packs: every problem with its file and line."""
    from bot.upkeep import check_packs

    lines, good = check_packs(files)
    for line in lines:
        _say(line)
    raise typer.Exit(0 if good else 1)


# --- measuring ----------------------------------------------------------------------------------------


@app.command()
def feedback(
    file: Annotated[str, typer.Argument(help="A text file, or - for standard input.")] = "-",
    as_json: Json = False,
) -> None:
    """A STAR checklist on a text, or with --json on JSON lines. Nothing is stored."""
    from bot.feedback import read_text

    good = read_text(file, as_json, _say)
    raise typer.Exit(0 if good else 1)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help="Which: dispatch, due, send, board, streak or feedback.")],
    as_json: Json = False,
    database: Annotated[str, typer.Option("--database", help="Another database than a temporary file.")] = "",
    size: Annotated[
        int | None, typer.Option("--size", "--members", help="How many members, or messages.", min=10)
    ] = None,
    rounds: Annotated[int | None, typer.Option("--rounds", help="How often it measures.", min=1)] = None,
) -> None:
    """Measure, and hold the figures against their limits."""
    from bot import logs

    logs.setup(service=False)
    from bot.bench import KINDS
    from bot.bench import bench as measure

    if name not in KINDS:
        raise SettingsError(f"There is no benchmark “{name[:40]}”. There are: {', '.join(KINDS)}.")
    good = _run(measure(name, _say, as_json=as_json, database=database, size=size, rounds=rounds))
    raise typer.Exit(0 if good else 1)
