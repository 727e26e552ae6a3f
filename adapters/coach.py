"""The coach: one request to whatever speaks OpenAI's chat completions, by the HTTP library that is here already.

The body holds nothing but the model's name and two messages, since every further field is unknown to some server
that calls itself compatible. Nothing is read from the environment, no redirect is followed (the words would go to a
host that nobody agreed to), no cookie is kept, and a reply is read up to a limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.ports import NoReply

MOST_BYTES: Final = 65_536  # of a reply; a question has a few hundred
AT_ONCE: Final = 8  # connections
_USUAL = {"http": 80, "https": 443}


class _Message(BaseModel):
    model_config = ConfigDict(strict=True)
    content: str


class _Choice(BaseModel):
    message: _Message


class _Reply(BaseModel):
    """What is looked at of a reply; servers add fields of their own."""

    choices: list[_Choice] = Field(min_length=1)


def host_of(base_url: str) -> str:
    """The host of an address as people read it, with its port where that is not the usual one."""
    parts = urlsplit(base_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return host if parts.port in (None, _USUAL.get(parts.scheme)) else f"{host}:{parts.port}"


class HttpCoach:
    """``core.ports.Coach`` over HTTP. ``seconds`` is for everything together, the second try with it."""

    def __init__(self, base_url: str, key: str, model: str, seconds: float) -> None:
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._key, self._model, self._seconds = key, model, seconds
        self._host = host_of(base_url)
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str:
        return self._host

    async def complete(self, system: str, data: str) -> str | NoReply:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": data}]
        body = {"model": self._model, "messages": messages}
        try:
            async with asyncio.timeout(self._seconds):
                try:
                    return await self._post(body)
                except (aiohttp.ClientConnectionError, OSError) as error:
                    if isinstance(error, TimeoutError):
                        raise
                return await self._post(body)  # once more: a kept connection may have been closed over there
        except TimeoutError:
            return NoReply("late", f"nothing in {self._seconds:g} s")
        except (aiohttp.ClientConnectionError, OSError) as error:
            return NoReply("unreachable", type(error).__name__)
        except (aiohttp.ClientError, ValueError) as error:
            return NoReply("unfit", type(error).__name__)

    async def _post(self, body: Mapping[str, object]) -> str | NoReply:
        async with self._opened().post(self._url, json=body, allow_redirects=False) as response:
            if response.status != 200:
                return NoReply(_reason(response.status), f"HTTP {response.status}")
            read = bytearray()
            async for piece in response.content.iter_chunked(8_192):
                read += piece
                if len(read) > MOST_BYTES:
                    return NoReply("unfit", f"over {MOST_BYTES} bytes")
        try:
            return _Reply.model_validate_json(bytes(read)).choices[0].message.content
        except ValidationError:  # its words would repeat what came
            return NoReply("unfit", "no chat completion")

    def _opened(self) -> aiohttp.ClientSession:
        """Made when first needed: a session belongs to the running loop."""
        if self._session is None:
            headers = {"User-Agent": "Starling", "Accept": "application/json", "Accept-Encoding": "identity"}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            self._session = aiohttp.ClientSession(
                headers=headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(limit=AT_ONCE),
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                auto_decompress=False,  # nobody asked for less than the plain text, and a limit has to mean bytes
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> HttpCoach:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _reason(status: int) -> str:
    if status in (401, 403):
        return "key"
    if status == 429 or status >= 500:
        return "busy"
    return "unknown"
