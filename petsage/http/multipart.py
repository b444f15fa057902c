"""Multipart bodies, read in bounded time and memory."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http_exceptions import BadHttpMessage

from petsage.http.media_types import codec_of, media_type_of, parameters_of

MAX_FIELDS = 1000
"""Maximum of fields in a form or parts in a body, as in aiohttp; more would take seconds per mebibyte."""

_MAX_DISPOSITION = 2048
_MALFORMED = "the body is malformed multipart"
_DISPOSITION = re.compile(r"[ \t]*[A-Za-z-]+[ \t]*")


class Budget:
    """Bytes and parts that a body may still have; bytes are counted after decompression."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most
        self._parts = 0

    def count_part(self) -> None:
        """Count a part. Raise a 413 for too many."""
        self._parts += 1
        if self._parts > MAX_FIELDS:
            raise too_many_fields(self._most)

    def spend(self, count: int) -> None:
        """Count decoded bytes. Raise a 413 for too many."""
        self._left -= count
        if self._left < 0:
            text = f"the body is larger than {self._most} bytes"
            raise web.HTTPRequestEntityTooLarge(self._most, text=text)


class GuardedPart(BodyPartReader):
    """Part of a body, limited after decompression, whose charset is a supported one."""

    budget: Budget | None = None

    def get_charset(self, default: str) -> str:
        """Return Python's name of the part's charset. Raise a 415 for an unsupported one."""
        return codec_of(media_type_of(self.headers)) or default

    async def read_chunk(self, size: int = BodyPartReader.chunk_size) -> bytes:
        """Return the next bytes as sent. Raise a 400 when the end of the part is malformed."""
        try:
            return await super().read_chunk(size)
        except ValueError as error:
            raise web.HTTPBadRequest(text=_MALFORMED) from error

    async def decode_iter(self, data: Any) -> AsyncIterator[Any]:
        """Yield the decoded bytes. Raise a 413 for too many, a 400 for bytes that do not match the encoding."""
        try:
            async for piece in super().decode_iter(data):
                if self.budget is not None:
                    self.budget.spend(len(piece))
                yield piece
        except (ValueError, RuntimeError, zlib.error) as error:
            raise web.HTTPBadRequest(text=_MALFORMED) from error


class GuardedMultipart(MultipartReader):
    """Reader of the parts of a body, whose headers are limited, and in UTF-8."""

    part_reader_cls = GuardedPart
    budget: Budget | None = None

    async def next(self) -> MultipartReader | BodyPartReader | None:
        """Return the next part, or None after the last. Raise a 400 for a malformed body."""
        try:
            return await super().next()
        except (ValueError, RuntimeError, AssertionError, BadHttpMessage) as error:
            raise web.HTTPBadRequest(text=_MALFORMED) from error

    async def fetch_next_part(self) -> MultipartReader | BodyPartReader:
        """Return the next part. Raise a 400 for malformed headers, a 413 for too many parts."""
        part = await super().fetch_next_part()
        if isinstance(part, GuardedPart | GuardedMultipart):
            part.budget = self.budget
        if self.budget is not None:
            self.budget.count_part()
        await asyncio.sleep(0)  # a body that has arrived is read without waiting: let other tasks run
        disposition = part.headers.get(hdrs.CONTENT_DISPOSITION)
        if disposition is not None and not _is_disposition(disposition):
            raise web.HTTPBadRequest(text="the Content-Disposition of a part is malformed, or not in UTF-8")
        return part


def too_many_fields(most: int) -> web.HTTPRequestEntityTooLarge:
    """Return the 413 for more than `MAX_FIELDS` fields or parts."""
    return web.HTTPRequestEntityTooLarge(most, text=f"the body has more than {MAX_FIELDS} fields or parts")


def _is_disposition(text: str) -> bool:
    found = _DISPOSITION.match(text) if len(text) <= _MAX_DISPOSITION else None
    parameters = parameters_of(text, found.end()) if found else None
    if parameters is None:
        return False
    extended = [value for name, value in parameters.items() if name.endswith("*")]
    return all(value.lower().startswith("utf-8'") for value in extended)
