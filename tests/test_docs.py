"""What the documents promise is run or compared here."""

import os
import re
import subprocess
import sys
from pathlib import Path

from bot.commands_page import page
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
        assert typed.strip() in paths, typed
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
        assert "/home/" not in text and "/root/" not in text, file.name
