"""The checker and the locator on anything at all: they answer, and their answer holds."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.packs import Pack, PackError, check_pack, check_rubrics, load_pack
from core.packs.explain import MOST
from core.packs.load import starter_files

FULL = os.environ.get("STARLING_TEST_SIZE") == "full"
GARBAGE = settings(
    max_examples=3000 if FULL else 60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def beginnings() -> list[bytes]:
    """The head and the first few prompts of every pack that we ship: real, and quick to check."""
    packs = []
    for source in starter_files().values():
        head, *prompts = source.split(b"\n[[prompt]]")
        packs.append(b"\n[[prompt]]".join([head, *prompts[:3]]) + b"\n")
    return packs


PACKS = beginnings()
WORDS = r"""
[[prompt]] [pack] [prompt.source] ''' " ' [ ] { } , = . # \ \u200b \ud800 true nan inf 1e999 -1
1979-05-27 07:32:00 id="a" retired=true was=["a"] x-y={} level=[1,{},[]] tags={} reveal=3 source=[]
checks=[[]] text=1.5 url="http://["
"""
TOKENS = [
    *(word.encode() for word in WORDS.split()),
    *(b'"""', b"\n", b"\r", b"\r\n", b"\t", b" ", b"\x00", b"\xff", b"\xef\xbb\xbf", "\u202e\u3164".encode()),
    *(b"9" * 5000, b"0x" + b"f" * 9000, b"[[" * 40, b"a." * 40, b"{a=" * 40),
]


TEXTS = st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    source = bytearray(draw(st.sampled_from(PACKS)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(TOKENS) | st.binary(max_size=8) | st.just(bytes(source[start:end]) * 2))
        source[start:end] = piece
    return bytes(source)


def holds(source: bytes) -> None:
    problems = check_pack(source, "p.toml", {"coding-4-step"})
    lines = source.count(b"\n") + 1
    assert all(1 <= problem.line <= lines and problem.message for problem in problems)
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert len(problems) <= MOST + 1
    for problem in problems:
        # A message shows no character that could hide in it, and none that would break its line.
        assert str(problem).isprintable()
    try:
        pack = load_pack(source, "p.toml", known_rubrics={"coding-4-step"})
    except PackError as error:
        assert list(error.problems) == problems
        assert any(problem.is_error for problem in problems)
    else:
        assert isinstance(pack, Pack)
        assert not any(problem.is_error for problem in problems)
        assert pack.prompts
        assert all(prompt.levels and prompt.text.strip() for prompt in pack.prompts)


@GARBAGE
@given(mutated())
def test_a_mutated_pack_is_checked_and_never_raises(source: bytes) -> None:
    holds(source)


@GARBAGE
@given(st.binary(max_size=300) | TEXTS)
def test_any_bytes_are_checked_and_never_raise(source: bytes) -> None:
    holds(source)
    check_rubrics(source, "r.toml")


@GARBAGE
@given(st.lists(st.sampled_from(TOKENS), max_size=60).map(b"".join))
def test_any_soup_of_toml_is_checked_and_never_raises(source: bytes) -> None:
    holds(source)
