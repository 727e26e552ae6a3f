"""docs/packs.md: its example is a pack, and its tables name the keys that there are."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

from core.packs import LEVELS, TRACKS, check_pack, load_pack, starter_rubrics

DOC = (Path(__file__).parents[1] / "docs" / "packs.md").read_text("utf-8")


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", DOC, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_is_a_pack_without_a_single_problem() -> None:
    source = example().encode()
    assert check_pack(source, "docs/packs.md", starter_rubrics()) == []
    pack = load_pack(source, "docs/packs.md", known_rubrics=starter_rubrics())
    assert [prompt.uid for prompt in pack.prompts] == [
        "harbour-group/changed-a-mind",
        "harbour-group/quiet-failure",
        "harbour-group/ferry-tickets",
        "harbour-group/merge-intervals",
        "harbour-group/greatest-weakness",
    ]
    assert len(pack.live) == 4
    assert pack.updated == "2026-11-22"


def test_the_messages_shown_are_what_the_checker_says() -> None:
    wrong = example().replace("behavioural", "behavioral", 1).replace('["senior', '["sennior')
    shown = re.search(r"```text\n(.*?)```", DOC, re.DOTALL)
    assert shown is not None
    said = [str(problem) for problem in check_pack(wrong.encode(), "harbour.toml", starter_rubrics())]
    assert shown[1].splitlines() == said


def test_the_tables_name_every_key_and_only_those() -> None:
    schema = json.loads(resources.files("core.packs").joinpath("practice-pack-1.schema.json").read_text())
    for title, keys in (
        ("`[pack]`", schema["properties"]["pack"]["properties"]),
        ("`[[prompt]]`", schema["$defs"]["prompt"]["properties"]),
    ):
        table = DOC.split(f"### {title}\n")[1].split("\n#")[0]
        rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
        assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(keys)
    assert all(f"`{name}`" in DOC for name in (*TRACKS, *LEVELS))
