"""Feature requests, and the errors of a request and of a build."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from petsage import PetSageError
from petsage.builder.names import name_mistake
from petsage.builder.requirements import Requirements, read_requirements


class RequestError(PetSageError):
    """A request has mistakes; the text of the error has one line for each."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class BuildError(PetSageError):
    """A feature was not built, and no file of it is left; the text gives the reason and the way out."""


MAX_DESCRIPTION = 20_000
_NOT_ALLOWED = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A valid request; `description` is stripped, and its only line breaks are newlines."""

    feature: str
    description: str
    requirements: Requirements


def make_request(feature: object, description: object, requirements: object = None) -> Request:
    """Return a valid request; raise `RequestError` with all mistakes.

    `requirements` is a list of kinds of checks (`redis`) and of distributions (`package: pillow>=11`, as a text or as a
    mapping), or a single one; None, an empty list and `none` mean none.
    """
    required = read_requirements(requirements)
    mistakes = [*_feature_mistakes(feature), *_description_mistakes(description), *required.mistakes]
    if mistakes:
        raise RequestError(mistakes)
    text = "\n".join(line.rstrip() for line in str(description).strip().splitlines())
    return Request(feature=str(feature), description=text, requirements=required)


def _feature_mistakes(feature: object) -> Iterator[str]:
    if not isinstance(feature, str) or not feature:
        yield "feature: is missing: give the name of the feature, such as 'grooming'"
    elif mistake := name_mistake(feature):
        yield f"feature: {mistake}"


def _description_mistakes(description: object) -> Iterator[str]:
    if description is None or (isinstance(description, str) and not description.strip()):
        yield "description: is missing: say in a sentence what the feature is for"
    elif not isinstance(description, str):
        yield "description: must be a text (quote it)"
    elif len(description) > MAX_DESCRIPTION:
        yield f"description: has {len(description)} characters, at most {MAX_DESCRIPTION} are allowed"
    elif found := _NOT_ALLOWED.search(description):
        yield f"description: character U+{ord(found[0]):04X} is not allowed"
