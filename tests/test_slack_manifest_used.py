"""The manifest's tables against the adapter itself: every method it calls, every event it listens to, and no other."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from slack_sdk.web.async_client import AsyncWebClient
from test_cli import starling, words_of

from adapters.slack.manifest import EVENTS, METHODS, manifest
from core.catalogue import registry

ROOT = Path(__file__).parent.parent
SCHEMA = Path(__file__).parent / "data" / "slack" / "manifest.schema.2.0.0.json"
FILES = sorted((ROOT / "adapters/slack").glob("*.py"))


def tree(file: Path) -> ast.AST:
    return ast.parse(file.read_text("utf-8"))


def text_of(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def api_calls(node: ast.AST) -> set[str]:
    """The names in every ``api_call("name")``."""
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call) and n.args]
    ours = [n for n in calls if isinstance(n.func, ast.Attribute) and n.func.attr == "api_call"]
    return {text_of(n.args[0]) for n in ours} - {""}


def helpers() -> dict[str, set[str]]:
    """slack_sdk's own table: the client's function -> the methods of Slack that it calls, by way of others, too."""
    source = ast.parse(inspect.getsource(inspect.getmodule(AsyncWebClient)))  # type: ignore[arg-type]
    body = next(n for n in ast.walk(source) if isinstance(n, ast.ClassDef) and n.name == "AsyncWebClient")
    functions = {n.name: n for n in body.body if isinstance(n, ast.AsyncFunctionDef)}
    direct = {name: api_calls(node) for name, node in functions.items()}
    used = {
        name: {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)} & set(functions)
        for name, node in functions.items()
    }
    return {
        name: direct[name].union(*(direct[other] for other in used[name]))
        for name in functions
        if name[0] != "_"
    }


def called() -> dict[str, set[str]]:
    """Method of Slack -> the files of the adapter that call it. A function handed on counts as called."""
    known = {name: methods for name, methods in helpers().items() if methods}
    found: dict[str, set[str]] = {}
    for file in FILES:
        names = {n.attr for n in ast.walk(tree(file)) if isinstance(n, ast.Attribute)}
        for method in api_calls(tree(file)).union(*(known[name] for name in names & set(known))):
            found.setdefault(method, set()).add(file.name)
    return found


def listened() -> set[str]:
    """The events that the adapter acts on, as the manifest names them: "message.im" is a message with that guard."""
    app = tree(ROOT / "adapters/slack/app.py")
    ears = next(n for n in ast.walk(app) if isinstance(n, ast.ClassDef) and n.name == "Ears")
    event = next(n for n in ears.body if isinstance(n, ast.AsyncFunctionDef) and n.name == "event")
    (match,) = [n for n in ast.walk(event) if isinstance(n, ast.Match)]
    found = set()
    for case in match.cases:
        assert isinstance(case.pattern, ast.MatchValue), "an event is named, one a case"
        name = text_of(case.pattern.value)
        kinds = {text_of(n) for n in ast.walk(case.guard)} - {"", "channel_type"} if case.guard else set()
        found |= {f"{name}.{kind}" for kind in kinds} if name == "message" else {name}
    return found


def test_slack_sdks_functions_are_understood() -> None:
    known = helpers()
    assert known["chat_postMessage"] == {"chat.postMessage"}
    assert known["conversations_info"] == {"conversations.info"}
    assert {"files.getUploadURLExternal", "files.completeUploadExternal"} <= known["files_upload_v2"]


def test_every_method_that_the_adapter_calls_has_its_scopes_in_the_table() -> None:
    unknown = {method: sorted(files) for method, files in called().items() if method not in METHODS}
    assert unknown == {}, "add them to METHODS in adapters/slack/manifest.py, with their scopes"


def test_no_scope_is_asked_for_by_a_method_that_nothing_calls() -> None:
    assert sorted(set(METHODS) - set(called())) == [], "take them out of METHODS, and their scopes with them"


def test_every_event_of_the_manifest_is_acted_on_and_no_other() -> None:
    assert listened() == set(EVENTS)


# --- starling manifest slack ----------------------------------------------------------------------------------------


def printed(*words: str, env: dict[str, str] | None = None) -> Any:
    done = starling("manifest", "slack", *words, env=env)
    assert (done.returncode, done.stderr) == (0, b""), words_of(done)
    made = json.loads(done.stdout)
    assert list(Draft7Validator(json.loads(SCHEMA.read_text("utf-8"))).iter_errors(made)) == []
    return made


def test_it_is_printed_without_a_token_or_a_settings_file_and_slacks_schema_takes_it() -> None:
    assert printed() == manifest(registry(), socket_mode=True)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://starling.example", "https://starling.example/slack/events"),
        ("https://starling.example/", "https://starling.example/slack/events"),
        ("https://starling.example:8443/elsewhere", "https://starling.example:8443/elsewhere"),
    ],
)
def test_for_http_mode_the_address_gets_the_path_of_the_settings(address: str, url: str) -> None:
    assert printed("--http", address) == manifest(registry(), socket_mode=False, url=url)


def test_the_mode_of_the_settings_counts_until_another_is_said() -> None:
    http = {"STARLING_SLACK__MODE": "http", "STARLING_SLACK__HTTP_PATH": "/hook"}
    made = printed("--http", "https://starling.example", env=http)
    assert made["settings"]["event_subscriptions"]["request_url"] == "https://starling.example/hook"
    assert printed("--mode", "socket", env=http)["settings"]["socket_mode_enabled"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mode", "http"], "In HTTP mode Slack has to know where its requests go."),
        (["--http", "http://starling.example"], "--http is no https address."),
        (["--http", "starling.example"], "--http is no https address."),
        (["--http", "https://"], "--http is no https address."),
        (["--http", "https://[bad"], "--http is no https address."),
        (["--mode", "socket", "--http", "https://starling.example"], "In Socket Mode Slack calls nobody"),
    ],
)
def test_what_cannot_be_printed_is_explained(words: list[str], said: str) -> None:
    done = starling("manifest", "slack", *words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words_of(done).startswith(said) and words_of(done).count("\n") == 1
