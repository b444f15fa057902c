"""Requests whose headers and bodies are read in bounded time, by every method of reading them."""

import sys

from aiohttp import MultipartReader, web
from multidict import MultiDictProxy

from petsage.http.body_streams import BoundedStream, limit_body
from petsage.http.media_types import codec_of, media_type_of
from petsage.http.multipart import MAX_FIELDS, Budget, GuardedMultipart, too_many_fields

_FORMS = ("", "application/x-www-form-urlencoded")


class GuardedRequest(web.Request):
    """Request whose content type is read by PetSage, and whose body has limits."""

    @property
    def content_type(self) -> str:
        """Media type in lower case; `application/octet-stream` if it is malformed, as in aiohttp."""
        return media_type_of(self.headers).name

    @property
    def charset(self) -> str | None:
        """Python's name of the charset, if one is given. Raise a 415 for an unsupported one."""
        return codec_of(media_type_of(self.headers))

    async def post(self) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
        """Return the fields of a form. Raise a 413 for too many."""
        if self.content_type in _FORMS and (await self.read()).count(b"&") >= MAX_FIELDS:
            raise too_many_fields(self.client_max_size)
        return await super().post()

    async def multipart(self) -> MultipartReader:
        """Return the reader of the parts, which share the limit of the body. Raise a 415 for another media type."""
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


def limit_request(request: web.Request) -> bool:
    """Limit a request's body to the application's `client_max_size`; return whether it has one.

    The request becomes a `GuardedRequest`, unless it is of a subclass already.
    """
    if type(request) is web.Request:
        object.__setattr__(request, "__class__", GuardedRequest)  # `setattr` warns in Python's dev mode
    limit_body(request, request.client_max_size)
    return request.body_exists
