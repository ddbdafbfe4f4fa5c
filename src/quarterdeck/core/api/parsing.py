"""What programmes send, read with care: JSON in UTF-8, no doubled names, no numbers that are none, no depth."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from quarterdeck.core.api.problems import NotJson, WrongRequest


class CarefulParser(Parser):
    """Raises WrongRequest or NotJson for a body that is not plain JSON."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise NotJson
        try:
            found = json.loads(
                request.body.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_each_name_once
            )
        except (ValueError, RecursionError) as fault:
            raise WrongRequest("no_json", _("The body is not valid JSON.")) from fault
        return found  # type: ignore[no-any-return]


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found
