"""Files on the console: what is saved where, and which typed paths can be read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.files import READ_LIMIT, Unreadable, file_name, read_attachment, save_all
from core.call import Attachment
from core.views import File, Image, Message, Page, say

PICTURE = Image(b"png", "weeks.png", "Bars.")


def saved(folder: Path, data: bytes = b"png", name: str = "weeks.png") -> str:
    picture = Image(data, name, "Bars.")
    return save_all(Message((picture,)), folder)[picture]


def test_a_file_is_saved_for_its_owner_only_in_a_folder_that_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert saved(folder) == f"saved: {folder}/weeks.png"
    path = folder / "weeks.png"
    assert path.read_bytes() == b"png"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_overwritten_and_the_same_bytes_are_not_kept_twice(tmp_path: Path) -> None:
    names = [saved(tmp_path, data) for data in (b"1", b"2", b"1", b"3", b"2")]
    assert [n.rsplit("/", 1)[1] for n in names] == [
        "weeks.png",
        "weeks-2.png",
        "weeks.png",
        "weeks-3.png",
        "weeks-2.png",
    ]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "weeks.png").symlink_to(tmp_path / "elsewhere")
    assert saved(tmp_path) == f"saved: {tmp_path}/weeks-2.png"
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_written_is_said_and_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert saved(tmp_path / "file") == f"It could not be saved in {tmp_path}/file (File exists)."
    assert saved(tmp_path / "file" / "below").startswith("It could not be saved in ")


def test_pages_have_their_files_saved_too_and_views_without_files_save_nothing(tmp_path: Path) -> None:
    export = File(b"{}", "data.json", "Your data")
    page = Page(Message((PICTURE, export)), 1, 1, None, None)
    assert list(save_all(page, tmp_path)) == [PICTURE, export]
    assert save_all(say("Words."), tmp_path / "not made") == {}
    assert not (tmp_path / "not made").exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("weeks.png", "weeks.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\a\\b.txt", "b.txt"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        ("", "file"),
        ("a b\x1b[31m;rm -rf *.json", "a-b-31m-rm--rf-.json"),
        ("Grüße.txt", "Grüße.txt"),
    ],
)
def test_a_name_is_a_name_and_no_path(name: str, kept: str) -> None:
    assert file_name(name) == kept


@given(st.text())
def test_no_name_leads_anywhere_else(name: str) -> None:
    kept = file_name(name)
    assert 0 < len(kept) <= 80
    assert Path(kept).name == kept and not kept.startswith((".", "-"))


def test_a_typed_path_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "my pack.toml"
    path.write_bytes(b"x" * READ_LIMIT)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    expected = Attachment("my pack.toml", b"x" * READ_LIMIT)
    for typed in (str(path), f"  {path}\n", f"'{path}'", f'"{path}"', "~/my pack.toml", "my\\ pack.toml"):
        assert read_attachment(typed) == expected


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("no.toml", "There is no file “no.toml”. Type its whole path."),
        ("folder", "“folder” is a folder. Type the path of a file in it."),
        ("", "“” is a folder. Type the path of a file in it."),
        ("large", "“large” is larger than 1 MiB, which is the most. Nothing was read."),
        ("a\0b", "“ab” cannot be read (it is no path)."),
        ("~nobody-of-this-name/x", "“~nobody-of-this-name/x” cannot be read (it is no path)."),
        ("large/below", "“large/below” cannot be read (not a directory)."),
        ("fifo", "“fifo” is no file. Type the path of one."),
        ("/dev/zero", "“/dev/zero” is no file. Type the path of one."),
    ],
)
def test_a_path_that_cannot_be_read_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "large").write_bytes(b"x" * (READ_LIMIT + 1))
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(Unreadable) as error:
        read_attachment(typed)
    assert str(error.value) == sentence
