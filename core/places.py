"""What Starling lacks in a channel, asked and said the same way by ``setup`` and ``doctor``."""

from __future__ import annotations

from core.ports import Access, Lack
from core.services import Services
from core.views import Block, Bold, Text, words


async def access_at(
    app: Services, platform: str, server_id: str, channel_id: str, *, thread: bool = False, role_id: str = ""
) -> Access | None:
    """What may be done there; None when nobody in this process can tell."""
    places = app.places.get(platform)
    if places is None or not server_id or not channel_id:
        return None
    return await places.access(server_id, channel_id, thread=thread, role_id=role_id)


def blocked(access: Access | None) -> bool:
    """True when it is certain that nothing can be posted there."""
    return access is not None and (access.gone or bool(access.unfit) or any(k.vital for k in access.lacks))


def named(access: Access | None, otherwise: str) -> str:
    return access.name if access is not None and access.name else otherwise


def missing(access: Access, name: str) -> tuple[Block, ...]:
    """What stands in the way of a post in ``name``, and what to do about it; empty when nothing does."""
    if access.unfit:
        return (
            Text((f"{name} is {access.unfit}: a question cannot be posted there. Choose a text channel.",)),
        )
    if access.gone:
        way = f"Let Starling see it, or choose another channel. {access.where}".rstrip()
        return (Text((f"{unseen(access, name)} {way}",)),)
    vital = [lack for lack in access.lacks if lack.vital]
    found: list[Block] = [Text((f"{lack.right}. {lack.way}",)) for lack in vital if lack.way]
    if rights := [lack for lack in vital if not lack.way]:
        head = f"Give Starling {'this right' if len(rights) == 1 else 'these rights'} in {name}:"
        found.append(Text((head,)))
        found += [Text(words(Bold(lack.right), f": needed {lack.purpose}.")) for lack in rights]
        if access.where:
            found.append(Text((access.where,), style="note"))
    return tuple(found)


def unseen(access: Access, name: str) -> str:
    """That a channel is gone, as a sentence."""
    return f"Starling does not see {name}: {access.why_gone or 'it was deleted, or is hidden from Starling'}."


def noted(access: Access | None, name: str) -> tuple[Block, ...]:
    """What will not work there although questions come, and what is good to know."""
    if access is None or access.gone or access.unfit:
        return ()
    lesser = [lack for lack in access.lacks if not lack.vital]
    found: list[Block] = [Text((f"{_wanting(lack, name)}{_without(lack)}",), style="note") for lack in lesser]
    return (*found, *(Text((note,), style="note") for note in (*access.notes, *access.remarks)))


def lacking(lack: Lack, name: str) -> str:
    """One missing right as a finding."""
    if lack.way:
        return f"{lack.right}.{_without(lack)}"
    need = "" if not lack.purpose else f" (needed {lack.purpose})"
    return f"In {name} Starling lacks “{lack.right}”{need}.{_without(lack)}"


def _wanting(lack: Lack, name: str) -> str:
    if lack.way:
        return f"{lack.right}. {lack.way}"
    return f"In {name} Starling lacks “{lack.right}”."


def _without(lack: Lack) -> str:
    return f" Without it {lack.without}." if lack.without else ""
