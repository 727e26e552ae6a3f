"""What opens on people's screens: modals, home tabs, answers to a response_url, and uploaded files."""

from __future__ import annotations

import json
import mimetypes
import time
import uuid
from typing import Any

import slack_double_limits as limits
from aiohttp import web
from slack_double_api import Asked, Refused
from slack_double_methods import Methods
from slack_double_seen import Act
from slack_double_world import Channel, Json, Team, User, View, World

DEEP = 3


class Screens(Methods):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.scan_time = 0.0
        """Seconds in which Slack looks through an upload: until then its kind is "", and no block may show it."""
        self.methods |= {
            "files.completeUploadExternal": self._complete,
            "files.getUploadURLExternal": self._upload_url,
            "files.info": self._file_info,
            "views.open": self._view_open,
            "views.publish": self._publish,
            "views.push": self._view_push,
            "views.update": self._view_update,
        }

    # modals

    def _trigger(self, team: Team, args: Json) -> Act:
        """The act this trigger came from: one use, three seconds."""
        act: Act | None = self.world.acts.get(str(args.get("trigger_id")))
        if act is None or act.team is not team:
            raise Refused("invalid_trigger_id")
        if act.trigger_used:
            raise Refused("exchanged_trigger_id")
        if time.perf_counter() - act.sent > self.trigger_life:
            raise Refused("expired_trigger_id")
        return act

    def whole(self, place: str, body: Any, kind: str = "modal") -> None:
        """A sound view, of this kind, and not too large."""
        self.check(place, lambda: limits.view(body), "invalid_arguments")
        if isinstance(body, dict) and body.get("type") != kind:
            self.breach(place, [("/view/type", f"must be one of: {json.dumps([kind])}")], "invalid_arguments")
        if (size := len(json.dumps(body))) > limits.VIEW_BYTES:
            self.breach(place, [("/view", f"{size} bytes of {limits.VIEW_BYTES}")], "view_too_large")

    def _view_open(self, asked: Asked, team: Team, args: Json) -> Json:
        act = self._trigger(team, args)
        self.whole("views.open", args["view"])
        if args["view"]["type"] == "home":
            raise Refused("invalid_arguments")
        view = self.opened(team, act.user, args["view"], None)
        act.trigger_used, act.view = True, view
        return {"view": view.json()}

    def _view_push(self, asked: Asked, team: Team, args: Json) -> Json:
        act = self._trigger(team, args)
        self.whole("views.push", args["view"])
        stack = self.world.stack(act.user)
        if not stack:
            raise Refused("not_found")
        if len(stack) >= DEEP:
            raise Refused("push_limit_reached")
        view = self.opened(team, act.user, args["view"], stack[-1])
        act.trigger_used, act.view = True, view
        return {"view": view.json()}

    def opened(self, team: Team, user: User, body: Json, under: View | None) -> View:
        """On top of ``under``, or instead of whatever was open."""
        if external := body.get("external_id"):
            for each in self.world.views.values():
                if each.open and each.team is team and each.body.get("external_id") == external:
                    raise Refused("duplicate_external_id")
        if under is None:
            for each in self.world.stack(user):
                each.open = False
        number = self.world.id("V")
        root, previous = (under.root, under.id) if under else (number, None)
        view = View(number, user, team, {}, root, previous)
        self.write(view, body)
        self.world.views[view.id] = view
        self.world.stacks.setdefault(user.id, []).append(view)
        self.world.touch()
        return view

    def write(self, view: View, body: Json) -> None:
        """What was entered stays where block and action keep their ids."""
        view.body = {**body, "blocks": self.world.with_ids(body["blocks"])}
        view.hash = f"{time.time():.0f}.{uuid.uuid4().hex[:8]}"
        places = {each["block_id"] for each in view.body["blocks"]}
        view.entered = {key: value for key, value in view.entered.items() if key in places}
        self.world.touch()

    def submitted(self, team: Team, view: View, payload: Json) -> tuple[View | None, dict[str, str]]:
        """What a submission was answered with: the modal then on top, and the words under its boxes."""
        kind, place = payload.get("response_action"), "ack of a form"
        if not view.open:
            return None, {}
        match kind:
            case None:
                if payload:
                    self.breach(
                        place, [("", f"neither empty nor a response_action: {payload}")], "view_error"
                    )
                view.open = False
            case "errors":
                errors, boxes = payload.get("errors") or {}, view.body["blocks"]
                known = {each["block_id"] for each in boxes if each["type"] == "input"}
                wrong = [("/errors", f"no input block {each!r}") for each in errors if each not in known]
                wrong += [] if errors else [("/errors", "no errors")]
                self.breach(place, wrong, "view_error")
                return view, dict(errors)
            case "update":
                self.whole(place, payload.get("view"))
                self.write(view, payload["view"])
            case "push":
                self.whole(place, payload.get("view"))
                deep = len(self.world.stack(view.user)) >= DEEP
                self.breach(place, [("", "more than three modals")] if deep else [], "push_limit_reached")
                self.opened(team, view.user, payload["view"], view)
            case "clear":
                for each in self.world.stack(view.user):
                    each.open = False
            case _:
                self.breach(place, [("/response_action", f"unknown: {kind}")], "view_error")
        stack = self.world.stack(view.user)
        return (stack[-1] if stack else None), {}

    def _view_update(self, asked: Asked, team: Team, args: Json) -> Json:
        found = [each for each in self.world.views.values() if each.open and each.team is team]
        key = args.get("view_id")
        if key is None:
            found = [each for each in found if each.body.get("external_id") == args["external_id"]]
        else:
            found = [each for each in found if each.id == key]
        if not found:
            raise Refused("not_found")
        if args.get("hash") and args["hash"] != found[0].hash:
            raise Refused("hash_conflict")
        self.whole("views.update", args["view"], str(found[0].body["type"]))
        self.write(found[0], args["view"])
        return {"view": found[0].json()}

    def _publish(self, asked: Asked, team: Team, args: Json) -> Json:
        user = self.user(team, args["user_id"])
        if not team.home_tab:
            raise Refused("not_enabled")
        before = self.world.homes.get(user.id)
        if args.get("hash") and before is not None and args["hash"] != before.hash:
            raise Refused("hash_conflict")
        self.whole("views.publish", args["view"], "home")
        number = before.id if before else self.world.id("V")
        view = before or View(number, user, team, {}, number)
        self.write(view, args["view"])
        self.world.homes[user.id] = self.world.views[number] = view
        return {"view": view.json()}

    # answers to a response_url, and in an acknowledgement

    async def respond(self, request: web.Request) -> web.Response:
        """Five uses in half an hour. Slack answers "ok", or JSON with its word."""
        act: Act | None = self.world.urls.get(request.path)
        try:
            body = await request.json()
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        asked = Asked("response_url", body, act.team if act else None)
        self.requests.append(asked)
        if (fault := self._fault(asked)) and not fault.how.startswith("accepted-"):
            answer = await self._fail(request, asked, fault)
            assert isinstance(answer, web.Response)
            return answer
        try:
            if act is None or time.perf_counter() - act.sent > self.url_life:
                raise Refused("expired_url")
            if act.url_uses >= self.url_uses:
                self.breach("response_url", [("", f"more than {self.url_uses} uses")], "used_url")
            act.url_uses += 1
            self.answer(act, body, "response_url")
        except Refused as refused:
            asked.error = refused.body["error"]
            gone = asked.error in ("expired_url", "used_url")
            return web.json_response(refused.body, status=404 if gone else 400)
        finally:
            self.world.touch()
        if fault:  # it is done, and the answer is lost
            answer = await self._fail(request, asked, fault)
            assert isinstance(answer, web.Response)
            return answer
        return web.Response(text="ok")

    def answer(self, act: Act, body: Json, place: str) -> None:
        """A message by response_url or in the acknowledgement: new, in place of the old one, or gone."""
        source, ephemeral = act.source, body.get("response_type") != "in_channel"
        if body.get("delete_original"):
            if source is not None:
                self._forget(act.channel, source, act.user)
            return
        self.sound(place, body)
        if body.get("replace_original") and source is not None:
            self.rewrite(source, body)
            return
        if ephemeral:
            message = self.whisper(act.team, act.channel, act.user, body)
        else:
            message = self.world.message(act.channel, act.team.bot, body)
            self.world.keep(act.channel, message)
        act.answers.append(message)
        self.world.touch()

    def _forget(self, channel: Channel, message: Json, user: User) -> None:
        for place in (channel.messages, self.world.ephemerals.get(user.id, [])):
            place[:] = [each for each in place if each is not message]

    # files

    def _upload_url(self, asked: Asked, team: Team, args: Json) -> Json:
        if args["length"] < 1:
            raise Refused("invalid_arguments")
        number = self.world.id("F")
        path = f"/upload/v1/{number}"
        made = {"id": number, "name": args["filename"], "size": args["length"], "team": team.id}
        self.world.files[number] = made | {"alt_txt": args.get("alt_txt") or "", "mode": "hosted"}
        return {"file_id": number, "upload_url": self.world.base + path}

    async def upload(self, request: web.Request) -> web.Response:
        number = request.match_info["file"]
        data = await request.read()
        asked = Asked("upload", {"file": number, "length": len(data)})
        self.requests.append(asked)
        if fault := self._fault(asked):
            answer = await self._fail(request, asked, fault)
            assert isinstance(answer, web.Response)
            return answer
        if number not in self.world.files or len(data) != self.world.files[number]["size"]:
            self.record("upload", [("", f"{len(data)} bytes are not what was said")])
            return web.Response(status=400, text="wrong length")
        self.world.uploads[number] = data
        return web.Response(text=f"OK - {len(data)}")

    def _complete(self, asked: Asked, team: Team, args: Json) -> Json:
        made = []
        for each in args["files"]:
            found = self.world.files.get(each.get("id"))
            if found is None or each["id"] not in self.world.uploads:
                raise Refused("file_not_found")
            found["title"] = each.get("title") or found["name"]
            self.world.scanning[found["id"]] = time.monotonic() + self.scan_time
            found["url_private"] = f"{self.world.base}/files/{found['id']}"
            made.append(self._file(found))
        if args.get("channel_id"):
            channel = self.channel(team, args["channel_id"], post=True)
            body = {"text": args.get("initial_comment") or "", "files": made, "blocks": args.get("blocks")}
            if args.get("thread_ts"):
                if self.world.find(channel, args["thread_ts"]) is None:
                    raise Refused("thread_not_found")
                body["thread_ts"] = args["thread_ts"]
            if args.get("blocks"):
                self.check(asked.method, lambda: limits.blocks(args["blocks"]), "invalid_blocks")
            message = self.world.message(channel, team.bot, body) | {"subtype": "file_share"}
            self.world.keep(channel, message)
            self.heard(team, channel, message)
        return {"files": made}

    def _file(self, found: Json) -> Json:
        """What Slack knows of a file: its kind only when it has looked through it."""
        through = self.world.scanned(found["id"])
        kind = mimetypes.guess_type(found["name"])[0] or "application/octet-stream"
        return found | {
            "mimetype": kind if through else "",
            "filetype": kind.rpartition("/")[2] if through else "",
        }

    def _file_info(self, asked: Asked, team: Team, args: Json) -> Json:
        found = self.world.files.get(str(args["file"]))
        if found is None or found["team"] != team.id or found["id"] not in self.world.uploads:
            raise Refused("file_not_found")
        return {"file": self._file(found), "comments": []}

    async def download(self, request: web.Request) -> web.Response:
        """``url_private``: only with the token. Without the scope Slack hands out a page to sign in, and says 200."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        data = self.world.uploads.get(request.match_info["file"])
        if data is None or all(token != each.bot_token for each in self.world.teams):
            return web.Response(status=403 if data else 404)
        if all(token != each.bot_token or "files:read" not in each.scopes for each in self.world.teams):
            return web.Response(
                text="<!DOCTYPE html><html><title>Sign in</title></html>", content_type="text/html"
            )
        return web.Response(body=data)
