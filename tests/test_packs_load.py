"""Reading packs: every key arrives, and what a file leaves out has its default."""

from __future__ import annotations

import ast
import sys
from hashlib import sha256
from pathlib import Path

import pytest

import core.packs
from core.packs import LEVELS, Check, PackError, Reveal, Source, load_pack, starter_packs
from core.packs.characters import called, invisible
from core.packs.likeness import normalised, overlap, same_question
from core.packs.suggest import did_you_mean, nearest
from core.packs.vocabulary import LINK_NOTE

FULL = b"""format = "practice-pack/1"
x-top = 1
[pack]
id = "full"
version = "2.10.0"
title = "  Full "
license = "LicenseRef-private"
language = "pt-BR"
description = "All keys"
authors = ["A", " B "]
homepage = "https://example.org"
updated = 2026-11-22
x-own = { a = [1] }
[[prompt]]
id = "all"
track = "system-design"
text = '''
First line.
Second line.
'''
title = "All of it"
url = "https://example.org/all"
level = ["staff", "mid"]
difficulty = "hard"
minutes = 45
competencies = ["scale"]
companies = ["acme"]
tags = ["queue"]
audience = "peer"
follow_ups = ["Why?"]
notes = "Listen."
good = ["Asks first"]
rubric = "system-design-4-step"
was = ["everything"]
checks = [{ id = "seen", label = "Seen it" }]
source = { title = "Book", url = "https://example.org/book", license = "MIT", retrieved = 2025-01-02 }
[[prompt.reveal]]
id = "users"
ask = "How many?"
answer = "Two."
words = ["how many"]
key = true
[[prompt.reveal]]
id = "late"
ask = "How late?"
answer = "Never."
[[prompt]]
id = "least"
track = "ask"
text = "What now?"
level = []
[[prompt]]
id = "old"
track = "ask"
text = "What then?"
retired = true
replaced_by = "least"
"""


def test_every_key_arrives() -> None:
    pack = load_pack(FULL, "full.toml")
    assert (pack.id, pack.version, pack.title, pack.license) == (
        "full",
        "2.10.0",
        "Full",
        "LicenseRef-private",
    )
    assert (pack.language, pack.description, pack.authors) == ("pt-BR", "All keys", ("A", "B"))
    assert (pack.homepage, pack.updated) == ("https://example.org", "2026-11-22")
    assert pack.sha256 == sha256(FULL).hexdigest()
    prompt = pack.prompts[0]
    assert prompt.uid == "full/all"
    assert prompt.text == "First line.\nSecond line."
    assert prompt.levels == ("mid", "staff")
    assert (prompt.title, prompt.url) == ("All of it", "https://example.org/all")
    assert (prompt.difficulty, prompt.minutes, prompt.audience) == ("hard", 45, "peer")
    assert (prompt.competencies, prompt.companies, prompt.tags) == (("scale",), ("acme",), ("queue",))
    assert (prompt.follow_ups, prompt.notes, prompt.good) == (("Why?",), "Listen.", ("Asks first",))
    assert (prompt.rubric, prompt.was, prompt.checks) == (
        "system-design-4-step",
        ("everything",),
        (Check("seen", "Seen it"),),
    )
    assert prompt.source == Source("Book", "https://example.org/book", "MIT", "2025-01-02")
    assert prompt.reveal == (
        Reveal("users", "How many?", "Two.", ("how many",), key=True),
        Reveal("late", "How late?", "Never."),
    )


def test_what_is_left_out_has_its_default() -> None:
    pack = load_pack(FULL, "full.toml")
    least, old = pack.prompts[1:]
    assert least.levels == LEVELS
    assert (least.minutes, least.rubric, least.source, least.reveal) == (None, None, None, ())
    assert (old.retired, old.replaced_by) == (True, "least")
    assert [prompt.id for prompt in pack.live] == ["all", "least"]


def test_checked_bytes_are_read_without_a_check_but_never_half() -> None:
    assert load_pack(FULL, "full.toml", checked=True) == load_pack(FULL, "full.toml")
    for broken in (b"", b"\xff", b"[pack]", b"pack = 1\nprompt = 2", FULL.replace(b'id = "full"', b"")):
        with pytest.raises(PackError, match=r"full\.toml:1"):
            load_pack(broken, "full.toml", checked=True)


def test_the_list_of_packs_is_the_callers_own() -> None:
    starter_packs().clear()
    assert starter_packs()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain and naïve, with – dashes and …", []),
        ("👩‍💻 ❤️ 1️⃣ 🏳️‍🌈 👍🏽", []),
        ("می‌خواهم क्‍ष", []),
        ("a\u200db", ["U+200D ZERO WIDTH JOINER"]),
        ("\u200d👩", ["U+200D ZERO WIDTH JOINER"]),
        ("a\ufe0f", ["U+FE0F VARIATION SELECTOR-16"]),
        ("\u3164", ["U+3164 HANGUL FILLER"]),
        ("a\u2028b\x07", ["U+2028 LINE SEPARATOR", "U+0007 CONTROL CHARACTER"]),
        ("\u2066x\u2069", ["U+2066 LEFT-TO-RIGHT ISOLATE", "U+2069 POP DIRECTIONAL ISOLATE"]),
        ("\U000e0041", ["U+E0041 TAG LATIN CAPITAL LETTER A"]),
        ("\ue000\U0001fffe", ["U+E000 PRIVATE USE", "U+1FFFE NO CHARACTER"]),
        ("\U0001fae8 \U0001fadf \U0001f9d1\u200d\U0001fadf", []),  # newer than some Pythons that we run on
    ],
)
def test_what_nobody_can_see_is_found_and_what_scripts_need_is_left(text: str, found: list[str]) -> None:
    assert [called(char) for _, char in invisible(text)] == found


def test_likeness_counts_words_and_knows_a_rewording() -> None:
    assert normalised("  Two\tSums, ＴＷＯ sums! ") == "two sums two sums"
    assert overlap("a b c d", "D, C, B, A!") == 1.0
    assert overlap("a b", "c d") == 0.0
    old = "Tell me about a time when you disagreed with a colleague."
    assert same_question(old, "When did you last disagree with a colleague at work, and how did it end?")
    assert not same_question(old, "Tell me about a time when you missed a deadline.")
    assert not same_question(f"Two Sum {LINK_NOTE}", f"Word Break {LINK_NOTE}")
    assert same_question(
        "上司と意見が合わなかった経験を教えてください", "意見が上司と合わなかったときのことを教えて"
    )
    assert not same_question("好きな言語は何ですか", "最近の失敗について話してください")


def test_a_nearly_right_name_is_found() -> None:
    names = ("follow_ups", "text", "title", "level", "url")
    assert nearest("follow-ups", names) == "follow_ups"
    assert nearest("followups", names) == "follow_ups"
    assert nearest("Levels", names) == "level"
    assert nearest("question", names) == "text"
    assert nearest("zebra", names) is None
    assert nearest("x" * 100_000, names) is None
    assert did_you_mean("zebra", names) == "; it is one of follow_ups, text, title, level, url"


def test_the_room_imports_the_standard_library_jsonschema_and_the_root_error_alone() -> None:
    room = Path(core.packs.__file__).parent
    allowed = {*sys.stdlib_module_names, "jsonschema"}
    for file in room.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                ours = name == "core.errors" or name.startswith("core.packs")
                assert ours or name.split(".")[0] in allowed, f"{file.name} imports {name}"
