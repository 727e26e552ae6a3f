"""What goes along with a message: pictures and files, which Slack wants uploaded first. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.fit import cut
from adapters.slack import limits
from adapters.slack.blocks import blocks_of
from adapters.slack.words import Json
from core.plain import clean_line, clean_text
from core.views import File, Image, Text

_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_WAITING = re.compile(r"upload-(\d+)")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send along by files_upload_v2. ``alt`` says what a picture shows; "" for what is no picture."""

    name: str
    data: bytes
    title: str
    alt: str


def image_json(block: Image, uploads: list[Upload]) -> Json:
    """The block of a picture that is yet to be uploaded, which is put among ``uploads``."""
    alt = cut(clean_text(block.alt), limits.ALT) or "A picture"
    number = upload(block, alt, uploads)
    return {"type": "image", "slack_file": {"id": f"upload-{number}"}, "alt_text": alt}


def placed(blocks: Sequence[Json], files: Sequence[Upload], ids: Mapping[int, str]) -> list[Json]:
    """``blocks`` with the uploaded pictures in them. ``ids``: number in ``files`` -> Slack's file id.

    A picture that could not be uploaded stands there as its words.
    """
    found: list[Json] = []
    for block in blocks:
        waiting = _WAITING.fullmatch((block.get("slack_file") or {}).get("id", ""))
        if block["type"] != "image" or waiting is None:
            found.append(block)
        elif known := ids.get(int(waiting[1])):
            found.append({**block, "slack_file": {"id": known}})
        else:
            file = files[int(waiting[1])]
            found += blocks_of(Text((f"(picture {file.name}: {file.alt})",)))[:1]
    return found


def upload(block: Image | File, alt: str, uploads: list[Upload]) -> int:
    """Puts ``block`` among the files to send along, under a name that is harmless on every disk; its number."""
    stem, dot, ending = clean_line(block.name).rpartition(".")
    stem, ending = (stem, ending) if dot and len(ending) <= 8 else (clean_line(block.name), "")
    picture = isinstance(block, Image)
    stem = _FILE_NAME.sub("_", stem).strip("._-")[:80] or ("picture" if picture else "file")
    ending = _FILE_NAME.sub("", ending) or ("png" if picture else "txt")
    title = clean_line(block.alt if isinstance(block, Image) else block.title)
    uploads.append(Upload(f"{stem}.{ending}", block.data, cut(title, limits.ALT) or stem, alt))
    return len(uploads) - 1
