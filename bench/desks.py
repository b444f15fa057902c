"""Many features as `petsage feature new` builds them."""

from petsage.builder.render import render
from petsage.builder.request import make_request


def desks(number: int) -> dict[str, str]:
    """Return so many packages, each file by its path in a features folder; `desk_7` serves `GET /desk-7`."""
    return {
        f"desk_{index}/{path}": text
        for index in range(number)
        for path, text in render(make_request(f"desk_{index}", "Keep a desk.")).items()
        if path.endswith(".py") and "/" not in path
    }
