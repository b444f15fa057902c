"""Many features as `petsage feature new` builds them: copies of `features/desk` under other names.

The environment of the bench has no PetSage, so the builder cannot be called here.
"""

from pathlib import Path

_DESK = Path(__file__).parent / "features" / "desk"


def desks(number: int) -> dict[str, str]:
    """Return so many packages, each file by its path in a features folder; `desk_7` serves `GET /desk_7`."""
    files = {path.name: path.read_text() for path in _DESK.glob("*.py")}
    return {
        f"desk_{index}/{name}": source.replace("desk", f"desk_{index}").replace("Desk", f"Desk{index}")
        for index in range(number)
        for name, source in files.items()
    }
