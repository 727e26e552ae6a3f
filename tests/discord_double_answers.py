"""Interactions in the local double: the one first answer, follow-ups, edits, and which answer fits what."""

from __future__ import annotations

import time

import discord_double_judge as judge
from discord_double_judge import EPHEMERAL
from discord_double_rest import Asked, Refused, Rest
from discord_double_seen import Interaction
from discord_double_world import Channel, Json, now

LOADING = 1 << 7


class Answers(Rest):
    @staticmethod
    def _something(body: Json, files: dict[str, bytes]) -> None:
        if not files and not any(
            body.get(key) for key in ("content", "embeds", "components", "poll", "sticker_ids")
        ):
            raise Refused(400, 50006)

    async def _rewrite(self, asked: Asked, message: Json, channel: Channel, shape: str) -> Json:
        body = asked.body or {}
        self.check(asked, shape, body, lambda: judge.message(body, kept=message, files=asked.files))
        self.world.write(message, body, asked.files)
        message["flags"] &= ~LOADING
        message["edited_timestamp"] = now()
        if not message["flags"] & EPHEMERAL:
            await self.gateway.message("MESSAGE_UPDATE", message, channel)
        return message

    async def _remove(self, message: Json, channel: Channel) -> None:
        self.world.messages.pop(int(message["id"]), None)
        if message in channel.messages:
            channel.messages.remove(message)
            data = {"id": message["id"], "channel_id": str(channel.id)}
            data |= {"guild_id": str(channel.guild.id)} if channel.guild else {}
            await self.gateway.dispatch("MESSAGE_DELETE", data, channel.guild)

    async def _callback(self, asked: Asked, number: str, token: str) -> Json | None:
        interaction = self.world.interactions.get(token)
        if interaction is None or interaction.id != int(number):
            raise Refused(404, 10062)
        if interaction.callback is not None:
            await self._refuse(interaction, 400, 40060)
        latency = time.perf_counter() - interaction.sent
        if latency > self.ack_limit:
            await self._refuse(interaction, 404, 10062)
        body = asked.body or {}
        kind, data = int(body.get("type") or 0), body.get("data") or {}
        shape = judge.CALLBACKS.get(kind, "ModalInteractionCallbackRequest")
        try:
            self.check(asked, shape, body, lambda: self._fits(interaction, kind, data, asked.files))
            if kind == 4:
                self._something(data, asked.files)
        except Refused as refused:
            interaction.refused.append(refused.body)
            await interaction.touch()
            raise
        interaction.latency, interaction.callback, interaction.payload = latency, kind, data
        if kind in (4, 5):
            flags = (data.get("flags") or 0) | (LOADING if kind == 5 else 0)
            interaction.loading = kind == 5
            interaction.ephemeral = bool(flags & EPHEMERAL)
            interaction.message = await self._post(interaction, data | {"flags": flags}, asked.files)
        elif kind in (6, 7):
            interaction.message = interaction.source
            if kind == 7 and interaction.source is not None:
                await self._rewrite_source(interaction, data, asked.files)
        await interaction.touch()
        if not asked.query.get("with_response"):
            return None
        told: Json = {"id": str(interaction.id), "type": interaction.kind}
        resource: Json = {"type": kind}
        if kind in (4, 5, 7) and interaction.message is not None:
            resource["message"] = interaction.message
            told |= {"response_message_id": interaction.message["id"], "response_message_loading": kind == 5}
            told["response_message_ephemeral"] = bool(interaction.message["flags"] & EPHEMERAL)
        return {"interaction": told, "resource": resource}

    async def _refuse(self, interaction: Interaction, status: int, code: int) -> None:
        interaction.refused.append({"code": code})
        await interaction.touch()
        raise Refused(status, code)

    def _fits(self, asked: Interaction, kind: int, data: Json, files: dict[str, bytes]) -> list[judge.Fault]:
        """Which answers an interaction of this kind may get, and whether this one is sound."""
        on_card = asked.kind == 3 or (asked.kind == 5 and asked.source is not None)
        allowed = {8} if asked.kind == 4 else {4, 5} | ({6, 7} if on_card else set())
        allowed |= {9} if asked.kind in (2, 3) else set()
        if kind not in allowed:
            return [
                (
                    ("type",),
                    "BASE_TYPE_CHOICES",
                    f"type {kind} cannot answer this; one of {sorted(allowed)} can",
                )
            ]
        if kind == 9:
            return [(("data", *path), code, text) for path, code, text in judge.modal(data)]
        if kind in (4, 7):
            kept = asked.source if kind == 7 else None
            return [
                (("data", *path), code, text)
                for path, code, text in judge.message(data, kept=kept, files=files)
            ]
        return []

    async def _post(self, interaction: Interaction, body: Json, files: dict[str, bytes]) -> Json:
        message = self.world.message(interaction.channel, self.world.bot, body, files)
        metadata = {"id": str(interaction.id), "type": interaction.kind, "user": interaction.user.json()}
        message["interaction_metadata"] = metadata | {"authorizing_integration_owners": {}}
        if message["flags"] & EPHEMERAL:
            self.world.hidden[int(message["id"])] = interaction.user.id
        else:
            await self.gateway.message("MESSAGE_CREATE", message, interaction.channel)
        return message

    async def _rewrite_source(self, interaction: Interaction, data: Json, files: dict[str, bytes]) -> None:
        source = interaction.source
        assert source is not None
        self.world.write(source, data, files)
        source["edited_timestamp"] = now()
        interaction.edits.append(data)
        if not source["flags"] & EPHEMERAL:
            await self.gateway.message("MESSAGE_UPDATE", source, interaction.channel)

    def _held(self, token: str) -> Interaction:
        interaction: Interaction | None = self.world.interactions.get(token)
        if interaction is None or interaction.callback is None:
            raise Refused(404, 10015)
        if time.perf_counter() - interaction.sent > self.token_life:
            raise Refused(401, 50027)
        return interaction

    async def _follow_up(self, asked: Asked, _: str, token: str) -> Json:
        interaction, body = self._held(token), asked.body or {}
        if interaction.install == "user" and len(interaction.follow_ups) >= 5:
            self.record(asked, [((), "40094", "more than 5 follow-ups in a user-installed context")])
            raise Refused(400, 40094)
        self.check(
            asked, "IncomingWebhookRequestPartial", body, lambda: judge.message(body, files=asked.files)
        )
        self._something(body, asked.files)
        if interaction.loading and interaction.message is not None:
            # The first follow-up takes the place of "thinking", and its privacy.
            interaction.loading = False
            message = interaction.message
            self.world.write(message, body | {"flags": (body.get("flags") or 0) & ~EPHEMERAL}, asked.files)
            message["flags"] &= ~LOADING
            interaction.edits.append(body)
            if not message["flags"] & EPHEMERAL:
                await self.gateway.message("MESSAGE_UPDATE", message, interaction.channel)
        else:
            message = await self._post(interaction, body, asked.files)
            interaction.follow_ups.append(message)
        await interaction.touch()
        return message

    def _answer_of(self, token: str, which: str) -> tuple[Interaction, Json]:
        interaction = self._held(token)
        own = [each for each in (interaction.message, interaction.source, *interaction.follow_ups) if each]
        if which == "@original":
            own = own[:1] if interaction.message else []
        for message in own:
            if which in ("@original", message["id"]) and int(message["id"]) in self.world.messages:
                return interaction, message
        raise Refused(404, 10008)

    def _get_answer(self, _: Asked, __: str, token: str, which: str) -> Json:
        return self._answer_of(token, which)[1]

    async def _edit_answer(self, asked: Asked, _: str, token: str, which: str) -> Json:
        interaction, message = self._answer_of(token, which)
        made = await self._rewrite(asked, message, interaction.channel, "IncomingWebhookUpdateRequestPartial")
        interaction.loading = interaction.loading and message is not interaction.message
        interaction.edits.append(asked.body or {})
        await interaction.touch()
        return made

    async def _delete_answer(self, _: Asked, __: str, token: str, which: str) -> None:
        interaction, message = self._answer_of(token, which)
        await self._remove(message, interaction.channel)
        if message in interaction.follow_ups:
            interaction.follow_ups.remove(message)
        elif message is interaction.message:
            interaction.message, interaction.loading = None, False
        await interaction.touch()
