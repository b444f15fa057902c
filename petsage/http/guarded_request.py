"""Requests that read their own headers and bodies in bounded time, whatever a handler asks of them."""

import asyncio
import re
import sys
import zlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http_exceptions import BadHttpMessage
from multidict import MultiDictProxy

from petsage.http.body_streams import BoundedStream, bound
from petsage.http.media_types import CHARSETS, MediaType, parameters_of, read_media_type

_ANYTHING = MediaType("application/octet-stream")
MAX_FIELDS = 1000
"""Fields of a form, or parts of a body, as in aiohttp's own forms of parts: to read more costs seconds a mebibyte."""

_LONGEST_DISPOSITION = 2048
_FORMS = ("", "application/x-www-form-urlencoded")
_MALFORMED = "the body is malformed multipart"
_DISPOSITION = re.compile(r"[ \t]*[A-Za-z-]+[ \t]*")


class GuardedRequest(web.Request):
    """A request whose content type is read by our own code."""

    @property
    def content_type(self) -> str:
        """The media type; one that is malformed counts as `application/octet-stream`, as in aiohttp."""
        return self._media_type().name

    @property
    def charset(self) -> str | None:
        """Python's name of the charset that is named; raises a 415 for one that texts are not read in."""
        return codec_of(self._media_type())

    async def post(self) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
        """Return the fields of a form; raises a 413 for more than there may be."""
        if self.content_type in _FORMS and (await self.read()).count(b"&") >= MAX_FIELDS:
            raise _too_many(self.client_max_size)
        return await super().post()

    async def multipart(self) -> MultipartReader:
        """Return the reader of the parts, each bounded as the whole is."""
        most = self.content.most if isinstance(self.content, BoundedStream) else sys.maxsize
        try:
            reader = GuardedMultipart(
                self.headers,
                self.content,
                client_max_size=most,
                max_field_size=self.protocol.max_field_size,
                max_headers=self.protocol.max_headers,
                max_size_error_cls=web.HTTPRequestEntityTooLarge,
            )
        except (ValueError, AssertionError, KeyError) as error:
            raise web.HTTPUnsupportedMediaType(text="the body must be multipart, with a boundary") from error
        reader.budget = Budget(most)
        return reader

    def _media_type(self) -> MediaType:
        return read_media_type(self.headers.get(hdrs.CONTENT_TYPE, "")) or _ANYTHING


class Budget:
    """The bytes that all parts of a body may still have, counted after inflation."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most
        self._parts = 0

    def count_part(self) -> None:
        """Count a part; raises a 413 when there are more than there may be."""
        self._parts += 1
        if self._parts > MAX_FIELDS:
            raise _too_many(self._most)

    def spend(self, count: int) -> None:
        """Count what was decoded; raises a 413 when it is more than there may be."""
        self._left -= count
        if self._left < 0:
            text = f"the body is larger than {self._most} bytes"
            raise web.HTTPRequestEntityTooLarge(self._most, text=text)


class GuardedPart(BodyPartReader):
    """A part of a body: bounded after inflation, and its charset is one that texts are read in."""

    budget: Budget | None = None

    def get_charset(self, default: str) -> str:
        """Return Python's name of the part's charset; raises a 415 for one that texts are not read in."""
        named = read_media_type(self.headers.get(hdrs.CONTENT_TYPE, "")) or _ANYTHING
        return codec_of(named) or default

    async def read_chunk(self, size: int = BodyPartReader.chunk_size) -> bytes:
        """Return the next bytes as they were sent; raises a 400 when the part does not end as it must."""
        try:
            return await super().read_chunk(size)
        except ValueError as error:
            raise web.HTTPBadRequest(text=_MALFORMED) from error

    async def decode_iter(self, data: Any) -> AsyncIterator[Any]:
        """Yield what the bytes stand for; raises a 413 for too many, a 400 when they are not encoded as they say."""
        try:
            async for piece in super().decode_iter(data):
                if self.budget is not None:
                    self.budget.spend(len(piece))
                yield piece
        except (ValueError, RuntimeError, zlib.error) as error:
            raise web.HTTPBadRequest(text=_MALFORMED) from error


class GuardedMultipart(MultipartReader):
    """Reads the parts of a body whose headers are bounded, and in UTF-8."""

    part_reader_cls = GuardedPart
    budget: Budget | None = None

    async def next(self) -> MultipartReader | BodyPartReader | None:
        """Return the next part, None after the last; raises a 400 for what is malformed."""
        try:
            return await super().next()
        except (ValueError, RuntimeError, AssertionError, BadHttpMessage) as error:
            raise web.HTTPBadRequest(text=_MALFORMED) from error

    async def fetch_next_part(self) -> MultipartReader | BodyPartReader:
        """Return the next part; raises a 400 for one whose headers are malformed."""
        part = await super().fetch_next_part()
        if isinstance(part, GuardedPart | GuardedMultipart):
            part.budget = self.budget
        if self.budget is not None:
            self.budget.count_part()
        await asyncio.sleep(0)  # a body that has arrived is read without a pause, and others have their turn
        disposition = part.headers.get(hdrs.CONTENT_DISPOSITION)
        if disposition is not None and not _is_disposition(disposition):
            raise web.HTTPBadRequest(text="the Content-Disposition of a part is malformed, or not in UTF-8")
        return part


def guard(request: web.Request) -> bool:
    """Make a request a guarded one, and bound its body by the application's `client_max_size`; say whether it has one.

    A request of a class that somebody else wrote keeps it.
    """
    if type(request) is web.Request:
        object.__setattr__(request, "__class__", GuardedRequest)  # setattr() would warn in Python's dev mode
    bound(request, request.client_max_size)
    return request.body_exists


def codec_of(media_type: MediaType) -> str | None:
    """Return Python's name of a charset, None when none is named; raises a 415 for one that texts are not read in."""
    if media_type.charset is None:
        return None
    codec = CHARSETS.get(media_type.charset)
    if codec is None:
        raise web.HTTPUnsupportedMediaType(text=f"a text must be in one of {', '.join(CHARSETS)}")
    return codec


def _too_many(most: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(most, text=f"the body has more than {MAX_FIELDS} fields or parts")


def _is_disposition(text: str) -> bool:
    found = _DISPOSITION.match(text) if len(text) <= _LONGEST_DISPOSITION else None
    parameters = parameters_of(text, found.end()) if found else None
    if parameters is None:
        return False
    extended = [value for name, value in parameters.items() if name.endswith("*")]
    return all(value.lower().startswith("utf-8'") for value in extended)
