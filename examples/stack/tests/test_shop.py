"""The shop, with its real database and its real cache."""

import json
import urllib.request
from typing import Any


def ask(url: str, method: str = "GET") -> tuple[int, Any]:
    request = urllib.request.Request(url, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, json.load(answer)


def test_a_pet_that_was_taken_in_is_shown(shop_url: str) -> None:
    assert ask(f"{shop_url}/pets/Rex", "PUT") == (201, {"name": "Rex"})
    _, shown = ask(f"{shop_url}/")
    assert shown["pets"] == ["Rex"]


def test_every_visit_is_counted(shop_url: str) -> None:
    _, before = ask(f"{shop_url}/")
    _, after = ask(f"{shop_url}/")
    assert after["visits"] > before["visits"]
