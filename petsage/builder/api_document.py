"""Validate the API document of a feature."""

import importlib.util
from collections.abc import Iterator
from typing import Any

from aiohttp.web import UrlDispatcher

from petsage import __version__
from petsage.builder.findings import Finding, Outcome, describe_error
from petsage.http import describe


def examine_document(router: UrlDispatcher) -> Finding:
    """Validate the API document of these routes; only its structure if openapi-spec-validator is not installed."""
    document = describe(router.routes(), title="PetSage", version=__version__)
    count = sum(len(operations) for operations in document.get("paths", {}).values())
    if importlib.util.find_spec("openapi_spec_validator") is None:
        hint = "in its structure; for a full validation: pip install openapi-spec-validator"
        return _outcome([*_structure(document)], f"{count}, valid {hint}")
    return _outcome([*_by_validator(document)], f"{count}, valid by openapi-spec-validator")


def _outcome(mistakes: list[str], text: str) -> Finding:
    if mistakes:
        return Finding(Outcome.FAILED, f"its API document: {'; '.join(mistakes)}")
    return Finding(Outcome.OK, f"its API document: operations: {text}")


def _by_validator(document: dict[str, Any]) -> Iterator[str]:
    from openapi_spec_validator import validate  # noqa: PLC0415 (an extra)

    try:
        validate(document)
    except Exception as error:  # noqa: BLE001 (it raises many classes of errors, all for an invalid document)
        yield describe_error(error)


def _structure(document: dict[str, Any]) -> Iterator[str]:
    """Yield operations without responses, and references without a target."""
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            if not operation.get("responses"):
                yield f"{method.upper()} {path} documents no responses"
    for reference in _references(document):
        if not _resolves(document, reference):
            yield f"{reference} has no target"


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def _resolves(document: Any, reference: str) -> bool:
    for key in reference.removeprefix("#/").split("/"):
        document = document.get(key) if isinstance(document, dict) else None
    return document is not None
