"""Corrections as data: where they apply in a text that is cut otherwise, what the machine said, what is written out."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from conftest import NewDatabase
from hypothesis import given
from hypothesis import strategies as st
from moved_clock import MovedClock
from practising import FULL, THIN, studying
from talk import Talk

from core.corrections import decided, machine_met, met
from core.feedback import LABELS, read
from core.neutral import neutral
from core.store.corrections import Correction
from core.store.engine import Store, database_url

# --- where a correction applies -----------------------------------------------------------------------------------


def moved(place: str, sentence: str, now: str = "R") -> Correction:
    return Correction(place, "S", now, sentence, "rules-1")


@pytest.mark.parametrize(
    ("sentences", "corrections", "labels"),
    [
        pytest.param(["a", "b", "c"], [moved("s1", "b")], {1: "R"}, id="where it was"),
        pytest.param(["x", "a", "b"], [moved("s1", "b")], {2: "R"}, id="its words stand elsewhere by now"),
        pytest.param(
            ["b", "a", "b"], [moved("s2", "b")], {2: "R"}, id="of two of the same words the one it was"
        ),
        pytest.param(["b", "x", "y", "b"], [moved("s1", "b")], {0: "R"}, id="else the nearest"),
        pytest.param(
            ["b", "b"],
            [moved("s0", "b", "T"), moved("s1", "b", "A")],
            {0: "T", 1: "A"},
            id="two, each its own",
        ),
        pytest.param(["a b"], [moved("s1", "b")], {}, id="no such sentence any more: it waits"),
        pytest.param(["b"], [moved("s0", "b", "X")], {}, id="a label that is none"),
        pytest.param(["b"], [moved("sx", "b"), moved("gone_item", "", "met")], {}, id="a place that is none"),
    ],
)
def test_a_correction_goes_with_the_words_of_its_sentence(
    sentences: list[str], corrections: list[Correction], labels: dict[int, str]
) -> None:
    found = decided(corrections, sentences)
    assert found.labels == labels and found.checks == {}
    assert found.places.keys() == labels.keys()


@given(
    st.lists(st.sampled_from("abc"), max_size=8),
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abcd"), st.sampled_from(LABELS)), max_size=6),
)
def test_whatever_the_sentences_a_correction_is_only_put_on_its_own_words(
    sentences: list[str], some: list[tuple[int, str, str]]
) -> None:
    given_ = {f"s{n}": moved(f"s{n}", text, label) for n, text, label in some}
    found = decided(given_.values(), sentences)
    for at, label in found.labels.items():
        source = given_[found.places[at]]
        assert (sentences[at], label) == (source.sentence, source.now)
    assert len(set(found.places.values())) == len(found.places), "none is used twice"


def test_what_the_machine_said_stays_known_beside_what_its_writer_says() -> None:
    items = [
        {"key": "has_task", "state": "met", "quote": "x", "machine": "missing"},
        {"key": "has_action", "state": "missing", "quote": "", "machine": "met"},
        {"key": "has_result", "state": "met", "quote": "y"},
    ]
    assert met(items) == ["has_task", "has_result"]
    assert machine_met(items) == ["has_action", "has_result"]


# --- words without names ------------------------------------------------------------------------------------------

MEMBERS = ["Ana Lee", "ben_92", "The Boss", "Will", "Zoë Müller", "O'Brien", "x", "Team"]


@pytest.mark.parametrize(
    ("text", "neutral_text"),
    [
        (
            "Ana told me, and Ben's notes and ANA agreed.",
            "somebody told me, and somebody's notes and somebody agreed.",
        ),
        ("I asked ana-lee and Lee, not Anabel.", "I asked somebody and somebody, not Anabel."),
        ("Will said we will see.", "somebody said we will see."),
        ("The boss and the team met; The plan held.", "somebody and the team met; The plan held."),
        ("MÜLLER and O'Brien’s desk", "somebody and somebody’s desk"),
        ("Mail a.b+c@mail.example.co.uk now.", "Mail an address now."),
        ("See https://example.org/a?b=c#d, or www.example.org.", "See a link or a link"),
        ("It is on example.com/jobs today.", "It is on a link today."),
        (
            "<@U12AB34> <@!123456789012345678> <@U1|ana> @someone.else hi",
            "somebody somebody somebody somebody hi",
        ),
        ("in <#C024BE91L|general> and <https://example.org|our page>", "in a channel and a link"),
        ("Call +49 170 1234567 or 123456789012345678.", "Call a number or a number."),
        ("It took 3.5 hours, saved 1,200,000 and was done.In May we left.", None),
        ("We moved 40 servers @ 9 pm for 12 USD/month (v2.10.3).", None),
    ],
)
def test_members_mentions_addresses_and_links_are_replaced_and_nothing_else(
    text: str, neutral_text: str | None
) -> None:
    assert neutral(MEMBERS)(text) == (neutral_text if neutral_text is not None else text)


@given(st.lists(st.text(max_size=12), max_size=4), st.text(max_size=60))
def test_no_name_and_no_text_breaks_it(names: list[str], text: str) -> None:
    assert isinstance(neutral(names)(text), str)


# --- starling corrections ----------------------------------------------------------------------------------------


@pytest.fixture
async def place(
    tmp_path: Path, new_database: NewDatabase, clock: MovedClock
) -> AsyncIterator[tuple[Talk, Path]]:
    url = await new_database("sqlite")
    async with Store(database_url(url)) as store:
        yield await studying(store, clock), Path(str(store.path))


def written(database: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "corrections", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "STARLING_DATABASE__URL": str(database)},
    )


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_only_what_is_given_is_written_out_as_training_text_without_names(
    place: tuple[Talk, Path], tmp_path: Path
) -> None:
    talk, database = place
    talk.names["ana"] = "Ana Petrovic"
    told = (
        f"{FULL} Ben and @cem helped, and Petrovic wrote to boss@firm.example about https://firm.example/x."
    )
    for name, text in (("ana", told), ("ben", FULL), ("cem", THIN), ("dora", THIN)):
        await talk(name, f"/answer prompt: proud {text}")
    await talk("ana", "/correct answer: 1 sentence: 6 part: other")
    await talk("ana", "/correct answer: 1 sentence: 1 part: task")
    await talk("ana", "/correct answer: 1 check: lesson_learned to: missing")
    await talk("ben", "/correct answer: 2 sentence: 1 part: task")
    await talk("cem", "/correct answer: 3 sentence: 1 part: result")
    assert written(database).stdout == "", "nobody has said that they give theirs"
    for name in ("ana", "cem", "dora"):
        await talk(name, "/me settings corrections: give")
    done = written(database)
    assert (done.returncode, done.stderr) == (0, "")
    hers, his = lines_of(done.stdout)
    own = read(told, question="What are you proud of?", level="mid", corrections={0: "T", 5: "O"})
    assert hers.keys() == {"id", "question", "sentences", "corrected", "method", "checks"}
    assert (hers["id"], hers["question"]) == (1, "What are you proud of?")
    assert [s["label"] for s in hers["sentences"]] == [s.label for s in own.sentences]
    assert (hers["corrected"], hers["checks"]) == ([0, 5], {"lesson_learned": "missing"})
    assert hers["method"] == own.tagger
    assert hers["sentences"][0]["text"] == own.sentences[0].text
    assert hers["sentences"][-1]["text"] == (
        "somebody and somebody helped, and somebody wrote to an address about a link"
    )
    assert (his["id"], his["corrected"]) == (2, [0]) and "checks" not in his
    assert his["sentences"][0] == {"text": THIN.split(". ")[0] + ".", "label": "R"}
    for word in ("ana", "petrovic", "ben", "cem", "dora", "firm", "night"):
        assert word not in done.stdout.casefold().replace("nightly", ""), word
    # Taken back is taken back: the consent, and the answer.
    await talk("ana", "/me settings corrections: keep")
    await talk("cem", "/withdraw 3 sure: yes")
    assert written(database).stdout == ""


async def test_a_file_is_new_its_owner_s_alone_and_says_what_is_in_it(
    place: tuple[Talk, Path], tmp_path: Path
) -> None:
    talk, database = place
    await talk("ana", f"/answer prompt: proud {THIN}")
    await talk("ana", "/correct answer: 1 sentence: 1 part: result")
    await talk("ana", "/me settings corrections: give")
    file = tmp_path / "corrections.jsonl"
    done = written(database, str(file))
    assert done.stdout == (
        f"1 corrected answer of 1 person in {file}. Read it before you hand it on: names that no member has "
        "are still in it.\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(lines_of(file.read_text())) == 1
    again = written(database, str(file))
    assert again.returncode == 2 and "is there already. Name a new file." in again.stderr
    nowhere = written(database, str(tmp_path / "no" / "folder"))
    assert nowhere.returncode == 2 and "cannot be written" in nowhere.stderr
