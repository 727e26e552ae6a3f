"""The manifest makes the whole app in one paste: Slack's schema takes it, and every scope is there for a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from adapters.slack.manifest import EVENTS, METHODS, OPTIONAL, SCOPES, actions, manifest
from core import catalogue
from core.commands import Command, Registry
from core.views import Message

SCHEMA = Path(__file__).parent / "data" / "slack" / "manifest.schema.2.0.0.json"
URL = "https://starling.example/slack/events"


@pytest.fixture(params=[True, False], ids=["socket", "http"])
def made(request: pytest.FixtureRequest, registry: Registry) -> dict[str, Any]:
    socket_mode: bool = request.param
    return manifest(registry, socket_mode=socket_mode, url="" if socket_mode else URL)


def test_slacks_schema_takes_it(made: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert [f"{e.json_path}: {e.message}" for e in Draft7Validator(schema).iter_errors(made)] == []
    assert json.loads(json.dumps(made)) == made
    broken = {**made, "features": {**made["features"], "slash_commands": [{"command": "starling"}]}}
    assert list(Draft7Validator(schema).iter_errors(broken)), "the schema notices what is wrong"


def test_it_asks_for_exactly_what_its_events_and_methods_need(made: dict[str, Any]) -> None:
    scopes = made["oauth_config"]["scopes"]
    assert set(scopes["bot"]) == set(SCOPES) | set(OPTIONAL)
    assert scopes["bot_optional"] == sorted(OPTIONAL)
    needed = {s for s in EVENTS.values() if s} | {s for some in METHODS.values() for s in some} | {"commands"}
    assert needed == set(SCOPES) | set(OPTIONAL)


def test_every_scope_has_its_reason_and_what_is_optional_is_not_needed_by_an_event() -> None:
    assert all(why.strip() and len(why) < 200 for why in (*SCOPES.values(), *OPTIONAL.values()))
    assert not set(OPTIONAL) & set(SCOPES)
    assert not set(OPTIONAL) & set(EVENTS.values())
    for method, scopes in METHODS.items():
        assert not scopes or set(scopes) & set(SCOPES), f"{method} would need what may be refused"


def test_it_hears_what_the_adapter_acts_on(made: dict[str, Any]) -> None:
    heard = made["settings"]["event_subscriptions"]["bot_events"]
    assert heard == ["app_home_opened", "app_mention", "app_uninstalled", "message.im", "tokens_revoked"]
    assert made["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert made["settings"]["interactivity"]["is_enabled"]
    (command,) = made["features"]["slash_commands"]
    assert command["command"] == "/starling"


def test_the_shortcuts_are_the_commands_of_a_messages_menu(made: dict[str, Any], registry: Registry) -> None:
    shown = {s["name"]: s["callback_id"] for s in made["features"]["shortcuts"]}
    assert shown == {"STAR feedback": "feedback", "Use as my answer": "use"}
    assert all(registry.get(path) in actions(registry) for path in shown.values())
    assert {s["type"] for s in made["features"]["shortcuts"]} == {"message"}


def test_request_addresses_stand_in_http_mode_alone(registry: Registry) -> None:
    socket = json.dumps(manifest(registry, socket_mode=True, url=URL))
    assert "request_url" not in socket
    assert URL not in socket
    http = manifest(registry, socket_mode=False, url=URL)
    settings = http["settings"]
    assert settings["event_subscriptions"]["request_url"] == URL
    assert settings["interactivity"]["request_url"] == URL
    assert settings["interactivity"]["message_menu_options_url"] == URL
    assert http["features"]["slash_commands"][0]["url"] == URL
    assert not settings["socket_mode_enabled"]


@pytest.mark.parametrize("url", ["", "http://starling.example/slack/events", "starling.example"])
def test_http_mode_needs_an_https_address(registry: Registry, url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        manifest(registry, socket_mode=False, url=url)


def test_long_names_are_cut_to_what_slack_shows() -> None:
    async def nothing(call: object) -> Message:
        raise AssertionError("never called")

    long = Command("x", "h" * 100, nothing, message_action="A very long name of a thing")
    (shortcut,) = manifest(Registry([long]), socket_mode=True)["features"]["shortcuts"]
    assert shortcut["name"] == "A very long name of a t…"
    assert len(shortcut["name"]) == 24


@pytest.fixture
def registry() -> Registry:
    return catalogue.registry()
