"""The registry as Discord's commands: Discord takes every tree, and what people send back is read as they meant it."""

from __future__ import annotations

import json
from typing import Any

import discord_double_forms as forms
import discord_double_judge as judge
import pytest
from discord_double_world import EVERYTHING, ORDINARY, TEXT, Channel, Guild, Json, Member, User, World
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.commands import Invoked, Tree, fingerprint, tree
from adapters.discord.modals import Uploaded
from core.call import Call
from core.catalogue import registry
from core.commands import Allow, Command, Kind, Option, Registry
from core.errors import DeclarationError
from core.views import Choice, Form, View, say

ALL = registry()


async def _nothing(call: Call) -> View:
    return say("Done.")


async def _form(call: Call) -> Form:
    return Form("answer", "Answer", ())


async def _suggest(call: Call, typed: str) -> tuple[Choice, ...]:
    return ()


def command(path: str, *options: Option, **changes: Any) -> Command:
    return Command(path, "Does something.", _nothing, options, **changes)


def registered(*commands: Command) -> dict[str, Json]:
    """By name, after Discord's rules were asked."""
    payload = tree(Registry(commands))
    assert faults(payload) == []
    return {each["name"]: each for each in payload}


def faults(payload: list[Json]) -> list[judge.Fault]:
    shapes = [fault for body in payload for fault in judge.shape("ApplicationCommandUpdateRequest", body)]
    return shapes + judge.commands(payload)


def only_option(option: Option, **changes: Any) -> Json:
    (made,) = registered(command("do", option, **changes))["do"]["options"]
    return {k: v for k, v in made.items() if k not in ("name", "description")}


CHOICES = (Choice("Two words", "two-words"), Choice("Sql", "sql"))


def test_all_of_starlings_commands_are_such_that_discord_takes_them() -> None:
    payload = tree(ALL)
    assert faults(payload) == []
    listed = {c.words[0] for c in ALL.listed()} | {c.message_action for c in ALL if c.message_action}
    assert sorted(each["name"] for each in payload) == sorted(listed)


def test_words_of_a_path_become_command_group_and_subcommand() -> None:
    made = registered(command("today"), command("me show"), command("me zone set"), command("me zone clear"))
    assert made["today"] == {
        "type": 1,
        "name": "today",
        "description": "Does something.",
        "options": [],
        "contexts": [0, 1, 2],
        "integration_types": [0, 1],
        "default_member_permissions": None,
    }
    show, zone = made["me"]["options"]
    assert (made["me"]["description"], show["type"], show["name"]) == ("show, zone", 1, "show")
    assert (zone["type"], zone["name"], zone["description"]) == (2, "zone", "set, clear")
    assert [(each["type"], each["name"]) for each in zone["options"]] == [(1, "set"), (1, "clear")]


def test_the_description_of_a_crowded_group_ends_where_discord_would_cut_it() -> None:
    made = registered(*(command(f"big subcommand-{n}") for n in range(25)))["big"]
    assert len(made["description"]) == 100 and made["description"].endswith("…")


@pytest.mark.parametrize(
    ("option", "made"),
    [
        (Option("o", "h", Kind.TEXT, least=2, most=60), {"type": 3, "min_length": 2, "max_length": 60}),
        (Option("o", "h", Kind.TEXT), {"type": 3}),
        (Option("o", "h", Kind.TEXT, suggest=_suggest), {"type": 3, "autocomplete": True}),
        (Option("o", "h", Kind.LONG), {"type": 3, "max_length": 6000}),
        (Option("o", "h", Kind.LONG, most=20_000), {"type": 3, "max_length": 6000}),
        (Option("o", "h", Kind.NUMBER, least=0, most=9), {"type": 4, "min_value": 0, "max_value": 9}),
        (Option("o", "h", Kind.NUMBER, most=1 << 60), {"type": 4, "max_value": (1 << 53) - 1}),
        (Option("o", "h", Kind.YESNO), {"type": 5}),
        (
            Option("o", "h", Kind.CHOICE, choices=CHOICES),
            {
                "type": 3,
                "choices": [{"name": "Two words", "value": "two-words"}, {"name": "Sql", "value": "sql"}],
            },
        ),
        (Option("o", "h", Kind.MANY, choices=CHOICES), {"type": 3, "autocomplete": True}),
        (Option("o", "h", Kind.DAYS, least=1), {"type": 3}),
        (Option("o", "h", Kind.TIME), {"type": 3}),
        (Option("o", "h", Kind.DATE), {"type": 3}),
        (Option("o", "h", Kind.ZONE, suggest=_suggest), {"type": 3, "autocomplete": True}),
        (Option("o", "h", Kind.FILE), {"type": 11}),
        (Option("o", "h", Kind.CHANNEL), {"type": 7, "channel_types": [0, 5]}),
        (Option("o", "h", Kind.ROLE), {"type": 8}),
    ],
)
def test_each_kind_of_option_has_its_type_and_its_bounds(option: Option, made: Json) -> None:
    assert only_option(option) == {"required": False, **made}


def test_what_a_form_will_ask_for_stays_optional_and_what_nothing_asks_for_is_demanded_first() -> None:
    needed = Option("needed", "h", required=True)
    assert only_option(needed)["required"] is True
    assert only_option(Option("o", "h", required=True, asked=True))["required"] is False
    assert only_option(needed, form=_form)["required"] is False
    made = registered(command("do", Option("free", "h"), needed))["do"]["options"]
    assert [each["name"] for each in made] == ["needed", "free"]


def test_personal_commands_go_everywhere_and_the_groups_own_stay_in_servers() -> None:
    made = registered(
        command("today", area="practice"),
        command("streak", area="mine"),
        command("board", area="group"),
        command("setup", area="organise", allow=Allow.ORGANISER),
        command("pack list", area="organise"),
        command("pack import", area="organise", allow=Allow.ORGANISER),
        command("mixed own", area="mine"),
        command("mixed all", area="group"),
    )
    where = {name: (each["contexts"], each["integration_types"]) for name, each in made.items()}
    everywhere, servers = ([0, 1, 2], [0, 1]), ([0], [0])
    assert [name for name, each in where.items() if each == everywhere] == ["today", "streak"]
    assert [name for name, each in where.items() if each == servers] == ["board", "setup", "pack", "mixed"]
    hidden = {name for name, each in made.items() if each["default_member_permissions"] is not None}
    assert hidden == {"setup"} and made["setup"]["default_member_permissions"] == 32


def test_a_message_action_stands_beside_a_listed_command_and_alone_for_one_that_is_not() -> None:
    text = Option("text", "h", Kind.LONG, required=True, asked=True)
    payload = tree(
        Registry(
            [
                command("feedback", text, message_action="STAR feedback"),
                command("adopt", text, message_action="Use as my answer", listed=False),
            ]
        )
    )
    assert faults(payload) == []
    assert [(each["type"], each["name"]) for each in payload] == [
        (1, "feedback"),
        (3, "STAR feedback"),
        (3, "Use as my answer"),
    ]
    assert (payload[2]["contexts"], payload[2]["integration_types"]) == ([0, 1, 2], [0, 1])


def test_the_fingerprint_changes_with_what_discord_is_told_and_with_nothing_else() -> None:
    one = Tree(Registry([command("today", Option("o", "h"))]))
    assert one.fingerprint == fingerprint(json.loads(json.dumps(one.payload)))
    turned = [dict(reversed(list(each.items()))) for each in one.payload]
    assert fingerprint(turned) == one.fingerprint and len(one.fingerprint) == 64
    assert Tree(Registry([command("today", Option("o", "h"), slow=True)])).fingerprint == one.fingerprint
    assert Tree(Registry([command("today", Option("o", "H"))])).fingerprint != one.fingerprint


# --- what comes back ----------------------------------------


class Place:
    """A server whose commands are these, with somebody who may do everything there."""

    def __init__(self, payload: list[Json]) -> None:
        self.world = World()
        for each in payload:
            self.world.commands[0].append(each | {"id": str(self.world.snowflake())})
        self.user = User(self.world.snowflake(), "ana")
        self.guild = Guild(self.world.snowflake(), "Study group", self.user, ORDINARY)
        self.guild.members[self.user.id] = Member(self.user, EVERYTHING)
        self.channel = Channel(self.world.snowflake(), TEXT, "practice", self.guild)

    def slash(self, path: str, options: dict[str, Any], focused: str = "") -> Json:
        return forms.slash_data(self.world, self.user, path, options, self.channel, "guild", focused)


def test_a_command_comes_back_with_typed_values_ids_and_files() -> None:
    options = (
        Option("text", "h", Kind.LONG),
        Option("number", "h", Kind.NUMBER),
        Option("sure", "h", Kind.YESNO),
        Option("channel", "h", Kind.CHANNEL, named=True),
        Option("role", "h", Kind.ROLE, named=True),
        Option("file", "h", Kind.FILE, named=True),
    )
    made = Tree(Registry([command("a b c", *reversed(options))]))
    place = Place(made.payload)
    given = {"text": "At work", "number": 3, "sure": False, "role": 77}
    data = place.slash("a b c", {**given, "channel": place.channel, "file": {"pack.toml": b"x = 1"}})
    found = made.invoked(data)
    upload = found.values.pop("file")
    assert isinstance(upload, Uploaded) and (upload.name, upload.size) == ("pack.toml", 5)
    assert upload.url in (a["url"] for a in data["resolved"]["attachments"].values())
    assert found == Invoked("a b c", {**given, "channel": str(place.channel.id), "role": "77"})


def test_while_a_value_is_typed_the_option_is_named_and_what_stands_so_far_is_given() -> None:
    zone = Option("zone", "h", Kind.ZONE, suggest=_suggest)
    made = Tree(Registry([command("me change", zone, Option("name", "h"))]))
    data = Place(made.payload).slash("me change", {"zone": "Ber", "name": "Ana"}, focused="zone")
    assert made.invoked(data) == Invoked("me change", {"zone": "Ber", "name": "Ana"}, focused="zone")


def message(place: Place, content: str) -> Json:
    return place.world.message(place.channel, place.user, {"content": content}, {})


def test_a_message_action_brings_the_message_and_its_text() -> None:
    text = Option("text", "h", Kind.LONG, required=True, asked=True)
    made = Tree(Registry([command("adopt", text, message_action="Use as my answer", listed=False)]))
    place = Place(made.payload)
    for content, values in (("At work I ...", {"text": "At work I ..."}), ("", {})):
        target = message(place, content)
        data = forms.menu_data(place.world, place.user, "Use as my answer", target, place.channel, "guild")
        found = made.invoked(data)
        assert (found.path, found.values) == ("adopt", values)
        assert found.target is not None and found.target["id"] == target["id"]


def test_what_an_older_menu_still_offers_is_read_as_words_and_refuses_nothing_itself() -> None:
    made = Tree(Registry([command("today")]))
    assert made.invoked({"type": 1, "name": "gone", "options": [{"type": 1, "name": "by"}]}).path == "gone by"
    assert made.invoked({"type": 3, "name": "Old action", "target_id": "1"}) == Invoked("Old action")
    lost = {"type": 1, "name": "today", "options": [{"type": 11, "name": "file", "value": "9"}]}
    assert made.invoked(lost) == Invoked("today", {"file": ""})


# --- made-up registries ----------------------------------------

words = st.sampled_from(["a", "b", "story", "list", "x" * 32, "2nd_try-on"])
texts = st.text(st.characters(categories=("L", "N", "P", "Zs", "So")), min_size=1, max_size=100)
labels = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=75)
bounds = st.none() | st.integers(-(1 << 60), 1 << 60)


@st.composite
def made_options(draw: st.DrawFn, name: str) -> Option:
    kind = draw(st.sampled_from(Kind))
    choices: tuple[Choice, ...] = ()
    least, most = sorted((draw(bounds), draw(bounds)), key=lambda b: (b is not None, b))
    if kind in (Kind.CHOICE, Kind.MANY):
        picked = draw(st.lists(labels, min_size=1, max_size=6, unique=True))
        choices = tuple(Choice(label, label) for label in picked)
    return Option(
        name,
        draw(texts),
        kind,
        required=draw(st.booleans()),
        asked=draw(st.booleans()),
        named=kind is Kind.LONG,
        choices=choices,
        least=None if kind in (Kind.TEXT, Kind.LONG) and (least or 0) > 6000 else least,
        most=None if kind in (Kind.TEXT, Kind.LONG) and (most or 1) < 1 else most,
        suggest=draw(st.sampled_from([None, _suggest])) if not choices else None,
    )


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    found = Registry()
    for number in range(draw(st.integers(1, 12))):
        names = draw(st.lists(words, max_size=4, unique=True))
        new = Command(
            " ".join(draw(st.lists(words, min_size=1, max_size=3))),
            draw(texts),
            _nothing,
            tuple(draw(made_options(name)) for name in names),
            allow=draw(st.sampled_from(Allow)),
            listed=draw(st.booleans()),
            area=draw(st.sampled_from(["practice", "mine", "group", "organise"])),
            form=draw(st.sampled_from([None, _form])),
            message_action=draw(st.sampled_from(["", f"Do {number}"])),
        )
        try:
            found.add(new)
        except DeclarationError:
            continue  # refused where it was declared: this test is about what is not
    return found


def _filled(place: Place, option: Json) -> Any:
    """Something that a person could give, out of what Discord was told alone."""
    kind = option["type"]
    if option.get("choices"):
        return option["choices"][-1]["value"]
    if kind == 3:
        return "w" * min(max(option.get("min_length", 0), 1), option.get("max_length", 6000))
    return {
        4: option.get("min_value", option.get("max_value", 3)),
        5: True,
        7: place.channel,
        8: 12,
        11: {"a.txt": b"abc"},
    }[kind]


@given(registries())
def test_every_registry_makes_a_tree_that_discord_takes_and_every_command_of_it_is_read_back(
    found: Registry,
) -> None:
    made = Tree(found)
    assert faults(made.payload) == []
    place = Place(made.payload)
    for one in found.listed():
        here: Json = next(e for e in made.payload if e["type"] == 1 and e["name"] == one.words[0])
        for word in one.words[1:]:
            here = next(e for e in here["options"] if e["name"] == word)
        assert {o["name"] for o in here["options"]} == {o.name for o in one.options}
        given_ = {o["name"]: _filled(place, o) for o in here["options"]}
        back = made.invoked(place.slash(one.path, given_))
        assert (back.path, back.focused, back.target) == (one.path, None, None)
        for name, value in given_.items():
            if isinstance(value, Channel):
                assert back.values[name] == str(value.id)
            elif isinstance(value, dict):
                upload = back.values[name]
                assert isinstance(upload, Uploaded) and (upload.name, upload.size) == ("a.txt", 3)
            else:
                kind = next(o.kind for o in one.options if o.name == name)
                assert back.values[name] == (str(value) if kind is Kind.ROLE else value)
    for one in (c for c in found if c.message_action):
        target = message(place, "words")
        data = forms.menu_data(place.world, place.user, one.message_action, target, place.channel, "guild")
        assert made.invoked(data).path == one.path
