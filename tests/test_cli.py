"""The command line as an operator meets it: words, exit status, no traceback."""

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

STORY = (
    "Last year our report took six hours. I had to halve that. I rewrote the join. It takes two hours now."
)


def starling(
    *words: str, typed: str | bytes = "", data: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    place = ["--data", str(data)] if data is not None else []
    return subprocess.run(
        [sys.executable, "-m", "bot", *words, *place],
        input=typed.encode() if isinstance(typed, str) else typed,
        capture_output=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", **(env or {})},
    )


def words_of(done: subprocess.CompletedProcess[bytes]) -> str:
    text = (done.stdout + done.stderr).decode()
    assert "Traceback" not in text, text
    return text


def test_without_a_verb_it_practises_until_the_end_of_the_input(tmp_path: Path) -> None:
    done = starling(typed="/today\n", env={"STARLING_DATABASE__URL": str(tmp_path / "x.db")})
    assert done.returncode == 0
    assert b"Behavioural" in done.stdout and done.stderr == b""


def test_two_names_are_two_members_of_one_group(tmp_path: Path) -> None:
    answer = f"/answer {STORY} We tell everybody who asks how it was done.\n"
    assert starling("console", "--as", "Ana", typed=answer, data=tmp_path).returncode == 0
    done = starling("console", "--as", "Ben", typed=answer + "/leaderboard\n", data=tmp_path)
    board = words_of(done)
    assert "1  Ana" in board and "1  Ben" in board


def test_a_missing_value_on_a_pipe_is_an_error_with_an_example_and_the_rest_goes_on(tmp_path: Path) -> None:
    done = starling("console", typed="/answer\n/remind set\n/frobnicate\n/streak\n", data=tmp_path)
    said = words_of(done)
    assert done.returncode == 0
    assert "For example: /answer text: At my last job I ..." in said
    assert "For example: /remind set time: 21:00" in said
    assert "There is no command “frobnicate”" in said
    assert "Streak: 0 days" in said


@pytest.mark.parametrize("typed", [b"", b"\n\n", b"\xff\xfe\x00garbage\n", b"/today", b"thanks!\n"])
def test_any_input_at_all_ends_well(typed: bytes, tmp_path: Path) -> None:
    done = starling("console", typed=typed, data=tmp_path)
    words_of(done)
    assert done.returncode == 0


def test_wrong_settings_leave_with_status_2_and_name_key_and_fix(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[database]\nulr = "x.db"\n[health]\nport = 99999\n')
    done = starling("check", "--config", str(file))
    said = words_of(done)
    assert done.returncode == 2
    assert "database.ulr" in said and "url" in said
    assert "health.port" in said and "99999" in said


def test_an_unknown_verb_leaves_with_status_2() -> None:
    assert starling("frobnicate").returncode == 2


def test_a_second_one_on_the_same_file_gets_one_sentence_and_leaves_the_first_alone(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "console", "--data", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as first:
        assert first.stdin is not None and first.stdout is not None
        first.stdin.write(b"/streak\n")
        first.stdin.flush()
        while b"Streak" not in first.stdout.readline():
            pass
        token = {"STARLING_DISCORD__TOKEN": "a.local.token"}  # without any, "run" has nothing to serve
        for verb in (("console",), ("run",), ("migrate",)):
            second = starling(*verb, typed="/today\n", data=tmp_path, env=token)
            assert second.returncode == 1
            assert len(words_of(second).strip().splitlines()) == 1
        for verb in (("check",), ("backup",)):
            beside = starling(*verb, data=tmp_path)
            assert beside.returncode == 0, words_of(beside)
        first.stdin.write(b"/quit\n")
        first.stdin.flush()
        assert first.wait(30) == 0
        assert first.stderr is not None and first.stderr.read() == b""


def test_a_console_that_was_killed_leaves_the_file_free_and_whole(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "console", "--data", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as first:
        assert first.stdin is not None and first.stdout is not None
        first.stdin.write(f"/answer {STORY} That is all there is to it, really.\n".encode())
        first.stdin.flush()
        while b"Kept" not in first.stdout.readline():
            pass
        first.kill()
    done = starling("console", typed="/history\n", data=tmp_path)
    assert done.returncode == 0
    assert "Your 1 answer" in words_of(done)


def test_run_says_that_there_is_no_platform_to_serve_yet(tmp_path: Path) -> None:
    done = starling("run", data=tmp_path)
    assert done.returncode == 2
    assert "starling console" in words_of(done)


def test_backup_and_restore_bring_back_what_was_there(tmp_path: Path) -> None:
    answer = f"/answer {STORY} That is all there is to it, really.\n"
    starling("console", typed=answer, data=tmp_path)
    copy = tmp_path / "copy.db"
    assert starling("backup", str(copy), data=tmp_path).returncode == 0
    starling("console", "--as", "Ben", typed=answer, data=tmp_path)
    done = starling("restore", str(copy), data=tmp_path)
    assert done.returncode == 0, words_of(done)
    board = words_of(starling("console", typed="/leaderboard\n", data=tmp_path))
    assert "You" in board and "Ben" not in board


def test_who_was_forgotten_stays_forgotten_after_an_older_backup_is_put_back(tmp_path: Path) -> None:
    answer = f"/answer {STORY} That is all there is to it, really.\n"
    starling("console", "--as", "Ana", typed=answer, data=tmp_path)
    copy = tmp_path / "copy.db"
    assert starling("backup", str(copy), data=tmp_path).returncode == 0
    assert (
        starling("console", "--as", "Ana", typed="/me forget confirm: yes\n", data=tmp_path).returncode == 0
    )
    assert starling("restore", str(copy), data=tmp_path).returncode == 0
    said = words_of(starling("console", "--as", "Ana", typed="/history\n/leaderboard\n", data=tmp_path))
    assert "You have no answers yet" in said
    with sqlite3.connect(tmp_path / "starling.db") as database:
        texts = database.execute("SELECT text FROM answer").fetchall()
    database.close()
    assert texts == []


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to look like one" * 40])
def test_a_damaged_file_gets_one_sentence_and_is_left_as_it_is(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "starling.db"
    file.write_bytes(content)
    done = starling("console", typed="/today\n", data=tmp_path)
    if content:
        assert done.returncode == 1
        assert len(words_of(done).strip().splitlines()) == 1
        assert file.read_bytes() == content
    else:  # an empty file is a database that nobody has written yet
        assert done.returncode == 0


def test_a_folder_that_cannot_be_made_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    done = starling("console", typed="/today\n", data=tmp_path / "file" / "folder")
    assert done.returncode in (1, 2)
    assert len(words_of(done).strip().splitlines()) == 1


def test_pack_check_names_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'format = "practice-pack/1"\n[pack]\nid = "mine"\nversion = "1.0.0"\ntitle = "Mine"\nlicense = "MIT"\n\n'
        '[[prompt]]\nid = "one"\ntrack = "behavoural"\ntext = "Tell me about it."\n'
    )
    done = starling("pack", "check", str(file))
    assert done.returncode == 1
    assert f"{file}:10:" in words_of(done)
    assert "behavioural" in words_of(done)


def test_feedback_reads_a_text_from_a_pipe() -> None:
    done = starling("feedback", typed=STORY)
    assert done.returncode == 0
    assert "“I rewrote the join.”" in words_of(done)


def test_feedback_json_keeps_sentences_in_number_and_order_and_prints_nothing_else() -> None:
    given = [
        {
            "id": "a",
            "question": "Tell me about a bug.",
            "sentences": ["I rewrote the query.", "", "It was faster."],
        },
        {"id": 7, "text": STORY},
    ]
    done = starling("feedback", "--json", typed="\n".join(json.dumps(g) for g in given) + "\n")
    assert (done.returncode, done.stderr) == (0, b"")
    first, second = (json.loads(line) for line in done.stdout.decode().splitlines())
    assert [s["text"] for s in first["sentences"]] == ["I rewrote the query.", "", "It was faster."]
    assert {s["label"] for s in first["sentences"]} <= set("STARO")
    assert second["id"] == 7
    assert set(second) == {"id", "sentences", "checks", "words", "spoken_seconds", "fillers", "first_person"}
    assert set(second["checks"]) == {
        "has_situation",
        "has_task",
        "has_action",
        "has_result",
        "quantified_result",
        "first_person_ownership",
        "reasoning_or_alternatives",
        "business_impact",
        "lesson_learned",
    }
    assert all(c["state"] in ("met", "missing", "unsure") for c in second["checks"].values())


def test_feedback_json_names_the_wrong_line_and_goes_on() -> None:
    done = starling("feedback", "--json", typed='{"id": 1}\nnot json\n{"id": 2, "text": "I did it."}\n')
    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.decode().splitlines()] == [2]
    assert [json.loads(line)["line"] for line in done.stderr.decode().splitlines()] == [1, 2]


def test_the_dispatch_benchmark_prints_figures_and_limits_as_json() -> None:
    done = starling("bench", "dispatch", "--json", "--members", "30", "--rounds", "20")
    assert done.returncode in (
        0,
        1,
    )  # 1: a limit was missed on a busy machine; the shape is what is held here
    (line,) = done.stdout.decode().splitlines()
    found = json.loads(line)
    assert (found["bench"], found["database"]) == ("dispatch", "sqlite")
    names = [r["name"] for r in found["results"]]
    assert {"nothing", "bare insert and commit", "today", "answer", "streak", "leaderboard"} <= set(names)
    assert all("p50_ms" in r or "value" in r for r in found["results"])
    assert done.returncode == (0 if all(r["held"] for r in found["results"] if "held" in r) else 1)


@pytest.mark.slow
def test_a_drop_that_becomes_due_appears_while_the_pipe_is_still_open(tmp_path: Path) -> None:
    """The schedule is set for the coming minute by the real clock, so this takes up to a minute and a bit."""
    from datetime import UTC, datetime, timedelta

    at = datetime.now(UTC) + timedelta(seconds=62)
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "console", "--data", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as console:
        assert console.stdin is not None and console.stdout is not None
        console.stdin.write(f"/drops add time: {at:%H:%M} zone: UTC tracks: ask\n")
        console.stdin.flush()
        begun = time.monotonic()
        while "Questions to ask, " not in console.stdout.readline():
            assert time.monotonic() - begun < 90
        console.stdin.close()
        assert console.wait(30) == 0


def test_a_database_goes_over_to_another_place_and_its_members_practise_on(tmp_path: Path) -> None:
    file, there = tmp_path / "all.jsonl.gz", tmp_path / "there"
    starling("console", typed=f"/answer {STORY} We tell everybody who asks how.\n", data=tmp_path)
    done = starling("export", str(file), data=tmp_path)
    assert done.returncode == 0 and "rows in" in words_of(done) and "keep it safe" in words_of(done)
    again = starling("export", str(file), data=tmp_path)
    assert again.returncode == 1 and "is there already" in words_of(again)
    done = starling("import", str(file), data=there)
    assert done.returncode == 0 and f"is {there}/starling.db now" in words_of(done)
    again = starling("import", str(file), data=there)
    assert again.returncode == 1 and "is not empty" in words_of(again)
    assert "Streak: 1 day" in words_of(starling("console", typed="/streak\n", data=there))
