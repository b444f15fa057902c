"""The private names of aiohttp that are used: they are there, and without them it is only plainer."""

import pytest
from aiohttp import web, web_response

from petsage.http import _aiohttp


def test_this_aiohttp_has_them_all() -> None:
    assert _aiohttp.HAS_STATE
    assert hasattr(web.RequestHandler, "log_access")
    assert hasattr(web.RequestHandler, "handle_error")


def test_without_them_no_connection_says_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_aiohttp, "HAS_STATE", False)
    nobody = object.__new__(web.RequestHandler)
    assert (_aiohttp.in_the_works(nobody), _aiohttp.queued(nobody)) == (False, 0)


def test_the_server_has_one_name_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_response, "SERVER_SOFTWARE", "before")
    _aiohttp.name_server("PetSage")
    assert _aiohttp.server_name() == vars(web_response)["SERVER_SOFTWARE"] == "PetSage"
