"""What the documents promise is run or compared here."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from adapters.discord.invite import RIGHTS
from bot import examples_page
from bot.cli import app
from bot.commands_page import page
from bot.settings import Settings
from core.catalogue import registry
from core.packs.load import starter_packs, starter_rubrics

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def starling(*words: str, data: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("STARLING_")} | {"TZ": "Europe/Berlin"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words, "--data", str(data)],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env=env,
        check=False,
    )


def pipe_example() -> str:
    """What the README's printf puts into the pipe."""
    (found,) = re.findall(r"^printf '(.+)' \| make run$", README, re.MULTILINE)
    return found.replace("\\n", "\n")


def test_the_commands_page_is_what_the_registry_says() -> None:
    assert (ROOT / "docs/commands.md").read_text() == page(), "run: make docs"


def test_the_examples_page_is_what_the_reader_says() -> None:
    assert (ROOT / "docs/examples.md").read_text() == examples_page.page(), "run: make docs"


def test_every_listed_command_is_on_the_commands_page() -> None:
    text = (ROOT / "docs/commands.md").read_text()
    for command in registry().listed():
        assert f"### {command.path}\n" in text


def test_the_pipe_example_of_the_readme_does_what_it_says(tmp_path: Path) -> None:
    done = starling("console", data=tmp_path, typed=pipe_example())
    assert (done.returncode, done.stderr) == (0, "")
    assert "Kept: your answer" in done.stdout
    assert "“We now deploy four times a day.”" in done.stdout
    assert "Streak: 1 day" in done.stdout


def test_the_pipe_example_works_through_make_run_as_it_stands(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "--silent", "run", f"VENV={sys.prefix}", f"ARGS=--data {tmp_path}"],
        input=pipe_example(),
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ARGS")},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Kept: your answer" in done.stdout and "Streak: 1 day" in done.stdout


def test_an_answer_typed_through_the_pipe_is_found_again_after_a_restart(tmp_path: Path) -> None:
    assert starling("console", data=tmp_path, typed=pipe_example()).returncode == 0
    later = starling("console", data=tmp_path, typed="/history\n1\n")
    assert later.returncode == 0
    assert "Your 1 answer" in later.stdout
    assert "At my last job the deploy took a day." in later.stdout


def test_the_first_question_ever_is_behavioural(tmp_path: Path) -> None:
    done = starling("console", data=tmp_path, typed="/today\n")
    assert "\nBehavioural, " in done.stdout
    assert "You have not answered it yet." in done.stdout


def test_the_readme_names_only_commands_and_files_that_exist() -> None:
    paths = {c.path for c in registry().listed()}
    for typed in re.findall(r"`/([a-z ]+?)(?: [a-z]+:.*?)?`", README):
        assert typed.strip().removeprefix("starling ") in paths | {"starling"}, typed
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_links_between_the_documents_lead_somewhere() -> None:
    for file in [*ROOT.glob("docs/**/*.md"), ROOT / "CONTRIBUTING.md"]:
        for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
            assert (file.parent / link).exists(), f"{file.name}: {link}"


def test_the_changelog_counts_the_shipped_content_right() -> None:
    questions = sum(len(p.live) for p in starter_packs())
    assert f"{questions} questions in eight tracks" in (ROOT / "CHANGELOG.md").read_text()
    assert len(starter_rubrics()) == 10


def test_every_library_the_project_needs_has_its_line_in_the_dependencies_page() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    text = (ROOT / "docs/dependencies.md").read_text().casefold()
    for need in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        name = re.split(r"[\[>=<]", need)[0].casefold()
        assert name.replace("_", "-") in text or name.replace("-", "_") in text, name


def test_the_repository_names_no_index_and_no_path_of_one_machine() -> None:
    for file in [
        *ROOT.glob("requirements/*.txt"),
        ROOT / "Makefile",
        ROOT / "pyproject.toml",
        ROOT / ".ci/run",
    ]:
        text = file.read_text()
        assert "://" not in text, file.name
        assert not re.search(r"/(home|root)/", text), file.name


# --- docs/discord.md ------------------------------------------------------------------------------

DISCORD = (ROOT / "docs/discord.md").read_text()

# What Discord's own client and pages say, and Starling never does.
DISCORDS_WORDS = {
    "The application did not respond",
    "Allow anyone to @mention this role",
    "Integration requires code grant",
}


def rows(heading: str) -> list[list[str]]:
    """The table under ``heading`` of docs/discord.md, without its head."""
    lines = [
        line
        for line in DISCORD.split(f"\n## {heading}\n")[1].split("\n## ")[0].splitlines()
        if line[:1] == "|"
    ]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def said_in_source() -> str:
    """Every piece of text in the program, one a line; what is filled in stands as …"""
    pieces = []
    for file in [*ROOT.glob("core/**/*.py"), *ROOT.glob("adapters/**/*.py"), *ROOT.glob("bot/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [str(v.value) if isinstance(v, ast.Constant) else "…" for v in node.values]
                pieces.append("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                pieces.append(node.value)
    return "\n".join(pieces)


def test_the_permissions_of_the_documents_are_those_of_the_invitation() -> None:
    assert [row[0] for row in rows("Permissions")] == [right.name for right in RIGHTS]


@pytest.mark.parametrize(
    "file",
    [
        "docs/discord.md",
        "docs/slack.md",
        "docs/privacy.md",
        "docs/operating.md",
        "docs/delivery.md",
        "README.md",
        "CHANGELOG.md",
    ],
)
def test_commands_and_options_that_the_documents_name_exist(file: str) -> None:
    known = {c.path: {o.name for o in c.options} for c in registry().listed()}
    others = {"quit", "healthz", "readyz", "metrics"}  # the console's own, and addresses of the health server
    for typed in re.findall(r"`/([a-z][a-z :0-9,/A-Z-]*)`", (ROOT / file).read_text()):
        if typed in ("starling", "invite @Starling"):  # Slack: all words follow its one command
            continue
        typed = typed.removeprefix("starling ")
        path = re.split(r" [a-z]+:", typed)[0].strip()
        assert path in known or path in others or any(p.startswith(f"{path} ") for p in known), typed
        assert set(re.findall(r"([a-z]+):", typed)) <= known.get(path, set()), typed


def test_what_discord_md_says_members_press_is_there_to_press() -> None:
    transcript = (ROOT / "tests/data/discord/evening.txt").read_text()
    labels = set(re.findall(r"\[([^\]]+)\]", transcript))
    labels |= {b for f in ROOT.glob("core/**/*.py") for b in re.findall(r'Button\("([^"]+)"', f.read_text())}
    labels |= {c.message_action for c in registry() if c.message_action} | {"Apps"}
    pressed = [bold for row in rows("What members do") for bold in re.findall(r"\*\*(.+?)\*\*", row[0])]
    assert len(pressed) >= 10 and set(pressed) <= labels
    assert "Answer" in re.findall(r"with \*\*(\w+)\*\* under it", DISCORD)


@pytest.mark.parametrize(
    "file",
    [
        "docs/discord.md",
        "docs/slack.md",
        "docs/operating.md",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    ],
)
def test_verbs_and_flags_of_the_command_line_exist(file: str) -> None:
    """`/starling setup` is no such verb: on Slack all commands begin like that."""
    line: Any = typer.main.get_command(app)
    text = (ROOT / file).read_text()
    seen = 0
    for typed in re.findall(r"(?:^|[` ]|(?<!`)/)starling ([a-z]+(?: [a-z]+)?[^`\n#]*)", text, re.MULTILINE):
        first, *more = typed.split()
        if (
            first not in line.commands
            and f"`starling {first}" not in text
            and f"bin/starling {first}" not in text
        ):
            continue  # a sentence about Starling
        verb = line.commands[first]
        if hasattr(verb, "commands"):
            verb = verb.commands[more[0]]
        flags = {flag for option in verb.params for flag in option.opts}
        assert {flag.strip("[]") for flag in more if flag.strip("[]").startswith("--")} <= flags, typed
        seen += 1
    assert seen or file in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")


def test_every_sentence_that_discord_md_quotes_can_really_be_said() -> None:
    said = said_in_source() + "\nAttempting a reconnect\n"  # discord.py's; tests/test_logs.py looks there
    quoted = [
        q
        for row in rows("When something is wrong")
        for q in re.findall(r'"([^"]+)"|`(discord\.\w+: [^`]+)`', " ".join(row))
    ]
    quoted = [one or other for one, other in quoted]
    assert len(quoted) > 6
    for words in set(quoted) - DISCORDS_WORDS:
        for part in re.split(r"…|\d+", words):
            bare = part.strip(" :.")
            assert bare in said or bare.replace("Starling was", "starling was") in said, words


@pytest.mark.parametrize(
    "file",
    [
        "docs/discord.md",
        "docs/slack.md",
        "docs/privacy.md",
        "docs/operating.md",
        "docs/delivery.md",
        "README.md",
    ],
)
def test_settings_that_the_documents_name_exist(file: str) -> None:
    keys = {
        f"{section}.{key}"
        for section, model in Settings.model_fields.items()
        for key in model.annotation.model_fields
    }  # type: ignore[union-attr]
    sections = "|".join(Settings.model_fields)
    for key in re.findall(rf"`((?:{sections})\.[a-z_]+)", (ROOT / file).read_text()):
        assert key in keys or key in ("database.db",), key
    for name in re.findall(r"STARLING_([A-Z_]+?)`", (ROOT / file).read_text()):
        assert name.lower().replace("__", ".") in keys, name
