"""Words that follow from a request."""

import re

_ENSURE = re.compile(r"ensure (?:that )?(?:the )?([\w][\w -]{0,60}?) (?:is )?([\w-]{1,30})", re.IGNORECASE | re.ASCII)
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_ENDS = " .!?:;,-…"


def camel(name: str) -> str:
    """Write `pet_orders` as `PetOrders`."""
    return "".join(word.capitalize() for word in name.split("_"))


def kebab(name: str) -> str:
    """Write `pet_orders` as `pet-orders`."""
    return name.replace("_", "-")


def title(name: str) -> str:
    """Write `pet_orders` as `Pet Orders`."""
    return " ".join(word.capitalize() for word in name.split("_"))


def summary(description: str) -> str:
    """Return the first sentence without its end, in one line."""
    first = _SENTENCE.split(description.strip().partition("\n")[0])[0]
    return " ".join(first.split()).rstrip(_ENDS) or " ".join(first.split())


def message(feature: str, description: str) -> str:
    """Return what the feature says when all is well.

    `Ensure builder functional` names what is ensured: `PetSage builder is functional!`. Any other request is about the
    feature itself: `PetSage grooming is functional!`.
    """
    ensured = _ENSURE.fullmatch(summary(description))
    subject, state = ensured.groups() if ensured else (feature.replace("_", " "), "functional")
    return f"PetSage {subject} is {state}!"
