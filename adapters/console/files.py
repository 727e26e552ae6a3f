"""Files on the console: pictures and exports are saved to a folder, a typed path is read into an attachment."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from core.call import Attachment
from core.commands import Kind
from core.errors import BadOption
from core.kinds import example
from core.parse import Parsed
from core.plain import clean_line, shown
from core.views import File, Image, View, blocks_of

READ_LIMIT = 1024 * 1024  # bytes of a file that somebody hands in
_UNSAFE = re.compile(r"[^\w.-]+")
_QUOTES = "\"'"


class Unreadable(Exception):
    """A path that cannot be read; the text is a sentence for whoever typed it."""


def save_all(view: View, folder: Path) -> dict[Image | File, str]:
    """Save what ``view`` has of pictures and files; for each its path, or a sentence when it failed."""
    return {b: _save(b, folder) for b in blocks_of(view) if isinstance(b, (Image, File))}


def _save(block: Image | File, folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = _write(folder, file_name(block.name), block.data)
    except OSError as error:
        return f"It could not be saved in {folder} ({error.strerror or error})."
    return f"saved: {path}"


def _write(folder: Path, name: str, data: bytes) -> Path:
    """The path where ``data`` is now. Nothing is overwritten; the same bytes are not written twice."""
    first = folder / name
    for n in range(1, 10_000):
        path = first if n == 1 else first.with_name(f"{first.stem}-{n}{first.suffix}")
        try:
            # An export holds somebody's answers: nobody else on this machine needs to read it.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
                return path
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        return path
    raise OSError(f"there are too many files called {name}")


def file_name(name: str) -> str:
    """``name`` without folders, blanks or anything that a shell or a file system reads otherwise."""
    last = re.split(r"[/\\]", clean_line(name))[-1]
    kept = _UNSAFE.sub("-", last).strip(".-")[-80:].lstrip(".-")
    return kept or "file"


def read_attachment(typed: str) -> Attachment:
    """The file at the path somebody typed, or Unreadable with a sentence that says what to do."""
    name = shown(typed, 120)
    try:
        path = Path(_unquoted(typed.strip())).expanduser()
        with os.fdopen(_open_at_once(path), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable(f"“{name}” is no file. Type the path of one.")
            data = file.read(READ_LIMIT + 1)
    except FileNotFoundError:
        raise Unreadable(f"There is no file “{name}”. Type its whole path.") from None
    except IsADirectoryError:
        raise Unreadable(f"“{name}” is a folder. Type the path of a file in it.") from None
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no path"
        raise Unreadable(f"“{name}” cannot be read ({why.lower()}).") from None
    if len(data) > READ_LIMIT:
        raise Unreadable(f"“{name}” is larger than 1 MiB, which is the most. Nothing was read.")
    return Attachment(path.name, data)


def _open_at_once(path: Path) -> int:
    """Opening a named pipe must not wait for a writer that never comes."""
    return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))


def _unquoted(text: str) -> str:
    """A path dragged into a terminal comes in quotes or with its blanks escaped."""
    if len(text) > 1 and text[0] in _QUOTES and text[-1] == text[0]:
        return text[1:-1]
    return text.replace("\\ ", " ") if os.sep == "/" else text


def with_attachments(parsed: Parsed) -> dict[str, object]:
    """The values of ``parsed`` with typed paths read into attachments. Raises BadOption."""
    values: dict[str, object] = dict(parsed.values)
    for name, typed in parsed.values.items():
        option = parsed.command.option(name)
        if option is not None and option.kind is Kind.FILE:
            try:
                values[name] = read_attachment(typed)
            except Unreadable as error:
                raise BadOption(str(error), option=name, example=example(parsed.command, option)) from None
    return values
