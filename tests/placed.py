"""A platform's ``Places`` out of a table: channels with the rights that are denied there, roles that may be mentioned.

places = Placed({"channel": "#practice"})
places.deny("channel", "Send Messages")
talk.reconfigure(places={PLATFORM: places})
"""

from __future__ import annotations

from core.ports import Access, Lack

NEEDED = (
    Lack("View Channel", "for seeing the channel", True, "nothing can be posted there"),
    Lack("Send Messages", "for posting the question", True, "nothing is posted"),
    Lack("Attach Files", "for pictures on cards", False, "cards with a picture are refused"),
)
FOR_THREADS = Lack("Create Public Threads", "for a thread under each question", False, "questions come alone")
WHERE = "Where: the channel's settings, Permissions."


class Placed:
    """``names``: channel id -> name. ``instead``: channel id -> what it is that takes no messages.

    ``uninvited``: channels where, as on Slack, Starling is no member. ``why_gone``: what an unknown channel may be.
    """

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self.instead: dict[str, str] = {}
        self.roles: dict[str, bool] = {}  # id -> whether it may be mentioned
        self.uninvited: set[str] = set()
        self.why_gone = ""
        self.remarks: tuple[str, ...] = ()
        self._denied: dict[str, set[str]] = {}

    def deny(self, channel_id: str, *rights: str) -> None:
        self._denied.setdefault(channel_id, set()).update(rights)

    def allow(self, channel_id: str) -> None:
        """Everything."""
        self._denied.pop(channel_id, None)

    async def access(
        self, server_id: str, channel_id: str, *, thread: bool = False, role_id: str = ""
    ) -> Access | None:
        if server_id == "elsewhere":
            return None
        if channel_id not in self.names:
            return Access(gone=True, where=WHERE, why_gone=self.why_gone)
        needed = [*NEEDED, FOR_THREADS] if thread else NEEDED
        lacks = [lack for lack in needed if lack.right in self._denied.get(channel_id, ())]
        if channel_id in self.uninvited:
            name = self.names[channel_id]
            lacks = [Lack(f"Starling is not a member of {name}", "", True, way=f"Invite it to {name}.")]
        if role_id and self.roles.get(role_id) is False:
            lacks.append(Lack("Mention All Roles", "for mentioning @owls", False, "nobody is notified"))
        notes = ("The role to mention is gone.",) if role_id and role_id not in self.roles else ()
        unfit = self.instead.get(channel_id, "")
        return Access(
            self.names[channel_id],
            False,
            () if unfit else tuple(lacks),
            unfit,
            WHERE,
            notes,
            remarks=self.remarks,
        )
