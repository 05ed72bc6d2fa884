"""The double by itself: a page and a few JSON routes by which a person, or a test in another
language, is WeChat's other end."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.wechatapi.api import Wechat
from tests.wechatapi.callbacks import Attempt, Callback
from tests.wechatapi.hostile import attacks
from tests.wechatapi.people import Person
from tests.wechatapi.records import Json, Refusal, Seen

Deed = Callable[[Person, Json], Callback | list[Callback]]

DEEDS: dict[str, Deed] = {
    "follow": lambda who, said: who.follow(),
    "unfollow": lambda who, said: who.unfollow(),
    "scan": lambda who, said: who.scan(said["code"]),
    "say": lambda who, said: who.say(said["text"]),
    "pick": lambda who, said: who.pick(said["id"]),
    "photo": lambda who, said: who.send_photo(_bytes(said["data"])),
    "photos": lambda who, said: who.send_photos([_bytes(each) for each in said["photos"]]),
    "voice": lambda who, said: who.send_voice(),
    "video": lambda who, said: who.send_video(short=bool(said.get("short"))),
    "location": lambda who, said: who.send_location(),
    "link": lambda who, said: who.send_link(said["url"]),
    "card": lambda who, said: who.send_card(),
    "file": lambda who, said: who.send_file(said.get("name", "a.pdf")),
    "emoji": lambda who, said: who.send_emoji(),
    "click": lambda who, said: who.click(said["name"]),
}
"""What people can do by ``POST /control/people/<openid>/<deed>``; files are Base64. The answer
tells what the bot answered, once it has."""


class Control:
    """Routes beside the API's own."""

    def __init__(self, wechat: Wechat) -> None:
        self._wechat = wechat

    def routes(self) -> list[web.RouteDef]:
        """For :func:`tests.wechatapi.server.serving`."""
        return [
            web.get("/control", self.page),
            web.get("/control/state", self.state),
            web.get("/control/calls", self.calls),
            web.get("/control/problems", self.problems),
            web.get("/control/people/{openid}/transcript", self.transcript),
            web.get("/control/people/{openid}/picture/{number}", self.picture),
            web.post("/control/people/{openid}/paid", self.paid),
            web.post("/control/people/{openid}/open", self.open),
            web.post("/control/people/{openid}/{deed}", self.person),
            web.post("/control/callback", self.callback),
            web.post("/control/verify", self.verify),
            web.post("/control/raw", self.raw),
            web.post("/control/attacks", self.attacks),
            web.post("/control/clock", self.clock),
            web.post("/control/fail", self.fail),
            web.post("/control/tokens", self.tokens),
            web.post("/control/template", self.template),
            web.post("/control/allowed", self.allowed),
            web.post("/control/forget", self.forget),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """For people with a browser."""
        return web.FileResponse(Path(__file__).with_name("control.html"))

    async def state(self, request: web.Request) -> web.Response:
        """Everything at a glance."""
        wechat, now = self._wechat, self._wechat.clock()
        people = [
            {
                "openid": openid,
                "follows": each.follows,
                "left": wechat.quota.left(openid, now),
                "messages": [_seen(seen) for seen in each.transcript],
            }
            for openid, each in wechat.people.items()
        ]
        state = {
            "account": {"app_id": wechat.account.app_id, "mode": wechat.account.mode},
            "url": wechat.callbacks.url,
            "shift": wechat.clock.shift,
            "menu": wechat.menu.shown(),
            "people": people,
            "calls": len(wechat.calls),
            "refusals": wechat.refusals,
            "problems": wechat.problems,
        }
        return web.json_response(state)

    async def calls(self, request: web.Request) -> web.Response:
        """What the bot called; ``?path=message/custom/send`` for one path alone."""
        wanted = request.query.get("path")
        found = [
            {"path": call.path, "code": call.code, "said": call.said, "files": sorted(call.files)}
            for call in self._wechat.calls
            if wanted in (None, call.path)
        ]
        return web.json_response(found)

    async def problems(self, request: web.Request) -> web.Response:
        """What a good bot would not have done."""
        return web.json_response(self._wechat.problems)

    async def transcript(self, request: web.Request) -> web.Response:
        """The conversation as text."""
        return web.Response(text=self._who(request).read())

    async def picture(self, request: web.Request) -> web.Response:
        """The data of a message, by its number in the transcript."""
        seen = self._who(request).transcript[int(request.match_info["number"])]
        return web.Response(body=seen.data, content_type="image/jpeg")

    async def paid(self, request: web.Request) -> web.Response:
        """They paid the account's merchant."""
        self._wechat.paid(self._who(request).openid)
        return web.json_response({"result": True})

    async def open(self, request: web.Request) -> web.Response:
        """``{"url"}``: they open a page, through OAuth too; where they ended, and what it said."""
        said = await _said(request)
        async with self._who(request).browser() as browser:
            page = await browser.get(said["url"])
        told = {"url": page.url, "status": page.status, "text": page.text, "hops": page.hops}
        return web.json_response({"result": told})

    async def person(self, request: web.Request) -> web.Response:
        """Somebody does something. Waits for the bot's answer, unless ``"wait": false``."""
        deed, said = DEEDS.get(request.match_info["deed"]), await _said(request)
        if deed is None:
            return web.json_response({"error": f"one of {sorted(DEEDS)}"}, status=404)
        try:
            done = deed(self._who(request), said)
        except (AssertionError, LookupError, StopIteration, ValueError, Refusal) as why:
            return web.json_response({"error": str(why) or repr(why)}, status=400)
        callbacks = done if isinstance(done, list) else [done]
        if said.get("wait", True):
            for each in callbacks:
                await each
        return web.json_response({"result": [_callback(each) for each in callbacks]})

    async def callback(self, request: web.Request) -> web.Response:
        """``{"url", "wait", "tries", "pause", "copies", "skew"}``: how they are sent now."""
        said, callbacks = await _said(request), self._wechat.callbacks
        for name, value in said.items():
            if name not in ("url", "wait", "tries", "pause", "copies", "skew"):
                return web.json_response({"error": f"no {name}"}, status=400)
            setattr(callbacks, name, value)
        return web.json_response({"result": True})

    async def verify(self, request: web.Request) -> web.Response:
        """The console's check of the URL by an echostr."""
        return web.json_response({"result": await self._wechat.callbacks.verify()})

    async def raw(self, request: web.Request) -> web.Response:
        """``{"data": Base64, "query": {…}}``: these bytes to the bot's URL, as anybody might."""
        said = await _said(request)
        attempt = await self._wechat.callbacks.raw(_bytes(said["data"]), said.get("query", {}))
        return web.json_response({"result": _attempt(attempt)})

    async def attacks(self, request: web.Request) -> web.Response:
        """``{"openid"}``: all that is hostile, one after another; name -> the bot's status."""
        openid = (await _said(request)).get("openid", "oNobody0000000000000000000000")
        told = {}
        for attack in attacks(self._wechat, openid):
            attempt = await self._wechat.callbacks.raw(attack.body, attack.query)
            told[attack.name] = attempt.status
        return web.json_response({"result": told})

    async def clock(self, request: web.Request) -> web.Response:
        """``{"hours": 48}``: that much time goes by at WeChat."""
        self._wechat.clock.forward(**await _said(request))
        return web.json_response({"result": self._wechat.clock.shift})

    async def fail(self, request: web.Request) -> web.Response:
        """``{"path", "code", "times"}``, or ``"how": "lose_answer"`` or ``"drop"``; ``"down"``."""
        said = await _said(request)
        if "down" in said:
            self._wechat.down = bool(said["down"])
        elif said.get("how") in ("lose_answer", "drop"):
            getattr(self._wechat, said["how"])(said["path"], said.get("times", 1))
        else:
            self._wechat.fail(said["path"], said.get("code", -1), said.get("times", 1))
        return web.json_response({"result": True})

    async def tokens(self, request: web.Request) -> web.Response:
        """``{"end": "expire"}`` or ``"revoke"``: all tokens; ``{"grace": 0}``."""
        said = await _said(request)
        if "grace" in said:
            self._wechat.tokens.grace = float(said["grace"])
        if said.get("end") in ("expire", "revoke"):
            getattr(self._wechat.tokens, said["end"])()
        return web.json_response({"result": self._wechat.tokens.fetched})

    async def template(self, request: web.Request) -> web.Response:
        """``{"id", "fields": ["thing1", …]}``: a template that the account has."""
        said = await _said(request)
        self._wechat.templates[said["id"]] = tuple(said["fields"])
        return web.json_response({"result": True})

    async def allowed(self, request: web.Request) -> web.Response:
        """``{"addresses": ["127.0.0.1"]}``: the console's list; null is none."""
        given = (await _said(request))["addresses"]
        self._wechat.allowed = None if given is None else set(given)
        return web.json_response({"result": True})

    async def forget(self, request: web.Request) -> web.Response:
        """A new test begins: no calls, refusals, problems, people, faults."""
        wechat = self._wechat
        for each in (wechat.calls, wechat.refusals, wechat.problems, wechat.people, wechat.faults):
            each.clear()
        wechat.counters.clear()
        wechat.down = False
        return web.json_response({"result": True})

    def _who(self, request: web.Request) -> Person:
        openid = request.match_info["openid"]
        return self._wechat.people.get(openid) or Person(self._wechat, openid)


async def _said(request: web.Request) -> Json:
    said: Json = json.loads(await request.read() or b"{}")
    return said


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _seen(seen: Seen) -> Json:
    return {
        "by": seen.by,
        "kind": seen.kind,
        "text": seen.text,
        "bytes": len(seen.data),
        "choices": dict(seen.choices),
        "articles": [
            {"title": each.title, "description": each.description, "url": each.url}
            for each in seen.articles
        ],
    }


def _attempt(attempt: Attempt) -> Json:
    return {
        "status": attempt.status,
        "body": attempt.body.decode(errors="replace"),
        "problem": attempt.problem,
        "seconds": round(attempt.seconds, 3),
    }


def _callback(callback: Callback) -> dict[str, Any]:
    return {
        "fields": dict(callback.fields),
        "attempts": [_attempt(each) for each in callback.attempts],
        "shown": None if callback.shown is None else _seen(callback.shown),
    }
