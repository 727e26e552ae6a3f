"""A new version of a pack: what changes, and that no id is given to another question."""

from __future__ import annotations

from core.packs import Pack, load_pack
from core.packs.changes import Changes, Known, compare

HEAD = '[pack]\nid = "p"\nversion = "1.1.0"\ntitle = "P"\nlicense = "MIT"\n'
PROUD = "Which project are you proudest of, and why?"
CONFLICT = "Tell us about a conflict with a colleague."


def prompt(name: str, text: str, track: str = "behavioural", more: str = "") -> str:
    return f'\n[[prompt]]\nid = "{name}"\ntrack = "{track}"\ntext = "{text}"\n{more}\n'


def pack(*prompts: str) -> tuple[Pack, bytes]:
    source = ('format = "practice-pack/1"\n' + HEAD + "".join(prompts)).encode()
    return load_pack(source, "p.toml"), source


def held(old: dict[str, Known], *prompts: str) -> Changes:
    new, source = pack(*prompts)
    return compare(old, new, source=source, name="p.toml")


def test_a_first_version_is_all_added() -> None:
    changes = held({}, prompt("a", PROUD), prompt("b", CONFLICT))
    assert changes == Changes(added=("a", "b"))
    assert changes.any


def test_the_same_version_again_changes_nothing() -> None:
    changes = held({"a": Known("behavioural", PROUD)}, prompt("a", PROUD))
    assert changes == Changes()
    assert not changes.any


def test_every_kind_of_change_is_told_apart() -> None:
    old = {
        "reworded": Known("behavioural", PROUD),
        "ended": Known("behavioural", CONFLICT),
        "gone": Known("ask", "What is hard here?"),
        "gone-before": Known("ask", "What was hard here?", retired=True),
        "back": Known("ask", "Why is the post free?", retired=True),
        "still-out": Known("ask", "Who left?", retired=True),
        "old-name": Known("coding", "Two Sum (read the statement at the link)."),
    }
    changes = held(
        old,
        prompt("reworded", "Which of your projects makes you proudest?"),
        prompt("ended", "Retired.", more="retired = true"),
        prompt("back", "Why is this post free?", track="ask"),
        prompt("still-out", "Gone.", track="ask", more="retired = true"),
        prompt(
            "two-sum", "Two Sum (read the statement at the link).", track="coding", more='was = ["old-name"]'
        ),
    )
    assert changes == Changes(
        added=("two-sum",),
        changed=("reworded",),
        retired=("ended",),
        removed=("gone", "old-name"),
        returned=("back",),
        renamed=(("old-name", "two-sum"),),
    )


def test_an_id_is_not_given_to_another_question() -> None:
    changes = held(
        {"a": Known("behavioural", PROUD)}, prompt("b", CONFLICT), prompt("a", "How do you plan a week?")
    )
    assert [str(problem) for problem in changes.problems] == [
        f"p.toml:15: prompt 'a': this id belongs to another question, '{PROUD}'; "
        'choose a new id and write was = ["a"]'
    ]
    assert changes.added == ("b",)
    assert changes.changed == ()


def test_an_id_is_not_given_to_another_track_not_even_when_retired() -> None:
    old = {"a": Known("behavioural", PROUD, retired=True)}
    for more in ("", "retired = true"):
        (problem,) = held(old, prompt("a", PROUD, track="communication", more=more)).problems
        assert (problem.line, problem.is_error) == (9, True)
        assert problem.message == (
            "prompt 'a': this id belongs to a prompt of the track behavioural; "
            'choose a new id and write was = ["a"]'
        )


def test_what_was_retired_or_removed_does_not_come_back_as_something_else() -> None:
    old = {"a": Known("coding", "Two Sum (read the statement at the link).", retired=True)}
    changes = held(old, prompt("a", "Word Break (read the statement at the link).", track="coding"))
    assert len(changes.problems) == 1
    assert changes.returned == ()


def test_without_the_bytes_a_problem_still_names_pack_and_prompt() -> None:
    new, _ = pack(prompt("a", CONFLICT))
    (problem,) = compare({"a": Known("ask", CONFLICT)}, new).problems
    assert str(problem).startswith("p:1: prompt 'a': this id belongs to")
