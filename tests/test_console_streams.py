"""What goes in and comes out of the console: streams of every kind, and the program on real ones."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NewDatabase
from console_room import fed

from adapters.console.pipe import LINE_BYTES, Lines, Output

PROGRAM = Path(__file__).with_name("console_room.py")


async def lines_of(data: bytes) -> list[str]:
    with fed(data) as stream:
        lines = Lines(stream)
        found = []
        while (line := await lines.next()) is not None:
            found.append(line)
        assert await lines.next() is None
    return found


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a", ["a"]),
        (b"a\nb", ["a", "b"]),
        (b"a\n\nb\n", ["a", "", "b"]),
        (b"\xff\xfea\n\x80", ["\ufffd\ufffda", "\ufffd"]),
        ("é\u2028x\x0cy\n".encode(), ["é\u2028x\x0cy"]),
    ],
)
async def test_only_line_ends_end_lines_and_bytes_that_are_no_utf8_are_marked(
    data: bytes, lines: list[str]
) -> None:
    assert await lines_of(data) == lines


async def test_a_line_without_end_is_cut_and_the_next_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"x" * (LINE_BYTES + 200_000) + b"\n/streak\n" + b"y" * (2 * LINE_BYTES))
    with path.open() as file:
        lines = Lines(file)
        first, second, third, fourth = [await lines.next() for _ in range(4)]
    assert first == "x" * LINE_BYTES
    assert (second, fourth) == ("/streak", None)
    assert third is not None and set(third) == {"y"} and LINE_BYTES <= len(third) <= 2 * LINE_BYTES


async def test_a_pipe_that_somebody_made_non_blocking_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with os.fdopen(reading, "r") as stream:
        lines = Lines(stream)
        waiting = asyncio.create_task(lines.next())
        await asyncio.sleep(0.05)
        os.write(writing, b"late\n")
        assert await waiting == "late"
        os.close(writing)
        assert await lines.next() is None


@pytest.mark.parametrize("stream", [None, io.StringIO("")])
async def test_a_closed_input_is_an_empty_one(stream: io.StringIO | None) -> None:
    assert await Lines(stream).next() is None
    if stream is not None:
        stream.close()
        assert await Lines(stream).next() is None


def test_an_output_that_cannot_write_a_letter_writes_a_question_mark() -> None:
    raw = io.BytesIO()
    output = Output(io.TextIOWrapper(raw, encoding="ascii"))
    output.paragraph("“Grüße”")
    assert raw.getvalue() == b"?Gr??e?\n"


def test_an_output_that_is_gone_swallows_the_rest() -> None:
    closed = io.StringIO()
    closed.close()
    for output in (Output(None), Output(closed)):
        output.paragraph("one")
        output.paragraph("two")


# --- as a program ---------------------------------------------------------------------------------------


@pytest.fixture
async def command(new_database: NewDatabase, tmp_path: Path) -> list[str]:
    database = (await new_database("sqlite")).removeprefix("sqlite:///")
    return [sys.executable, "-W", "error", str(PROGRAM), database, str(tmp_path)]


def program(command: list[str], shell: str, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROGRAM.parent.parent)}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell, "bash", *command, *words],
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("shell", "printed"),
    [
        ("printf '/streak\\n' | \"$@\"", "Welcome.\n\nYour streak is 3 days.\n"),
        ('"$@" </dev/null', "Welcome.\n"),
        ('"$@" <&-', "Welcome.\n"),
        ('"$@" <<< /streak', "Welcome.\n\nYour streak is 3 days.\n"),
        ('yes /streak | head -20000 | "$@" | head -1', "Welcome.\n"),
        ('yes /streak | head -200 | "$@" >&-', ""),
        ("(printf '/quit\\n'; sleep 2) | \"$@\"", "Welcome.\n"),
    ],
)
def test_every_kind_of_input_and_output_ends_well_and_quietly(
    command: list[str], shell: str, printed: str
) -> None:
    done = program(command, shell)
    # A reader that leaves early may end whoever feeds us by SIGPIPE (141), and never us.
    assert (done.stdout, done.stderr) == (printed, "")
    assert done.returncode in ((0, 141) if "yes" in shell else (0,))


def test_a_pipe_loads_nothing_that_draws(command: list[str]) -> None:
    done = program(command, '"$@" </dev/null', "modules")
    assert done.stdout.endswith("drawing: []\n"), done.stderr
