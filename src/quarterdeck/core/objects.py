"""
Every kind of thing that people look at, talk about, watch, search for or ask the history of.

The domain that owns a kind registers it when the site starts; whoever works on "anything" (comments, search,
notifications, history, "who may see this") asks here. A kind is owned once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotFound
from quarterdeck.core.rights import Right
from quarterdeck.core.texts import Text


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of thing.

    code : short word, in addresses and tables, such as `project`.
    question : the things an actor may see, with what title and node need already joined.
    key_field : the lookup of `question` by which an address names a thing, such as `node__ref`.
    key : that key of a thing.
    address : the address of its page, without the day that is looked at; empty when there is none.
    title, ref : how it is called.
    node_id : the node it hangs on, which access to it is decided at; None: it hangs on none.
    see : the right that lets one see it. change, manage : those that let one change its facts, and run it: move and
    end it, say who holds which role there.
    over : for a kind whose end is a fact of its own and not of its node, the condition of a node that is over on a day.
    icon : beside it in lists. talk : whether people may comment on it and hang files on it.
    """

    code: str
    label: Text
    label_of_many: Text
    model: type[Model]
    question: Callable[[Actor], QuerySet[Any]]
    key_field: str
    key: Callable[[Any], str]
    address: Callable[[Any], str]
    title: Callable[[Any], str]
    node_id: Callable[[Any], int | None]
    see: Right
    ref: Callable[[Any], str] = lambda thing: ""
    icon: str = "file-text"
    talk: bool = True
    change: Right | None = None
    manage: Right | None = None
    over: Callable[[date], Q] | None = None


_kinds: dict[str, Kind] = {}


def own(kind: Kind) -> None:
    """Register a kind of thing. One owner a code."""
    if kind.code in _kinds:
        raise ValueError(f"The kind {kind.code} is owned already.")
    _kinds[kind.code] = kind


def kinds() -> dict[str, Kind]:
    """All kinds by their code, in order of registration."""
    return dict(_kinds)


def kind(code: str) -> Kind:
    """The kind of a code; NotFound for a word that is none, since it comes from an address."""
    found = _kinds.get(code)
    if found is None:
        raise NotFound
    return found


def find(actor: Actor, code: str, key: str) -> Any:
    """The thing of a kind that an address names; NotFound alike for what is unknown and what is hidden."""
    known = kind(code)
    try:
        found = known.question(actor).filter(**{known.key_field: key}).first()
    except (ValueError, TypeError, ValidationError) as problem:
        raise NotFound from problem
    if found is None:
        raise NotFound
    return found


def by_ids(actor: Actor, code: str, ids: "list[int] | set[int]") -> dict[int, Any]:
    """The things of a kind with these ids that the actor may see, by id; one query."""
    if code not in _kinds or not ids:
        return {}
    return {thing.pk: thing for thing in _kinds[code].question(actor).filter(pk__in=ids)}
