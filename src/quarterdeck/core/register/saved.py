"""
Saved views beside a list.

A view of somebody else is offered only when the reader sees every choice that it makes: what they do not see is not
named to them, neither by its name nor by its number in an address.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.forms import ModelChoiceField
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from quarterdeck.core.access import Actor
from quarterdeck.core.models import SavedView
from quarterdeck.core.queries import saved_views as questions
from quarterdeck.core.register.declaration import Register
from quarterdeck.core.register.filters import ReferencesField
from quarterdeck.core.register.listing import OWN, Listing, choices_of
from quarterdeck.core.register.registry import all_registers
from quarterdeck.core.time import looking_at

KEPT = ("q", "sort", "columns")
# Of all tabs so many stand in the row; the others are behind “More views”.
IN_THE_ROW = 8


@dataclass(frozen=True, slots=True)
class Tab:
    """A view beside the list: a standard one, one of the reader's own, or one that somebody shares (owner)."""

    label: str
    url: str
    current: bool
    count: int | None = None
    owner: str = ""
    starts: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Tabs:
    """The views of a list for one reader; may_save is false where the list is not one of its own."""

    row: Sequence[Tab]
    more: Sequence[Tab]
    save_url: str = ""
    change_url: str = ""
    rows_url: str = ""
    bulk_url: str = ""


def kept_parameters(register: Register, parameters: QueryDict) -> str:
    """What a view keeps of an address: filters, search, order and columns; not the day, not the page."""
    kept = QueryDict(mutable=True)
    for name, values in parameters.lists():
        if name in KEPT or name in register.filters.base_filters:
            kept.setlist(name, [value for value in values if value])
    return kept.urlencode()


def is_kept(register: Register) -> bool:
    """Whether views of this very list are kept: it is declared, and not a part of another thing's page."""
    known = all_registers().get(register.name)
    return known is not None and known.question == register.question and known.filters is register.filters


def address_of_list(register: Register) -> str:
    """The address of a list without parameters; empty where it needs more than its name."""
    try:
        return reverse(register.route)
    except NoReverseMatch:
        return ""


def url_of(view: SavedView) -> str:
    """The parameters of a view as an address relative to its list; in the past it stays in the past."""
    return _url(view.parameters)


def _url(text: str) -> str:
    parameters = QueryDict(text, mutable=True)
    for name, value in past_parameters():
        parameters[name] = value
    return f"?{parameters.urlencode()}"


def past_parameters() -> list[tuple[str, str]]:
    """The moment that is looked at, as parameters of an address."""
    moment = looking_at()
    if moment is None:
        return []
    found = [("as_of", moment.on.isoformat())]
    return [*found, ("known_at", moment.known_at.isoformat())] if moment.known_at is not None else found


def views_for(register: Register, actor: Actor) -> list[SavedView]:
    """The views of a list that the actor finds beside it."""
    if not is_kept(register):
        return []
    return offered(register, actor, list(questions.views_of_list(actor, register.name)))


def offered(register: Register, actor: Actor, views: Sequence[SavedView]) -> list[SavedView]:
    """Of these views the actor's own, and of others' those of which the actor sees every choice, and some row."""
    foreign = [view for view in views if view.owner_id != actor.person_id]
    if not foreign:
        return list(views)
    if not register.question(actor).order_by().exists():
        return [view for view in views if view.owner_id == actor.person_id]
    unseen = unseen_by(register, actor, foreign)
    return [view for view in views if view.pk not in unseen]


def unseen_by(register: Register, actor: Actor, views: Sequence[SavedView]) -> set[int]:
    """Ids of the views that make a choice which the actor does not see; one query a filter, however many views."""
    asked: dict[int, QueryDict] = {view.pk: QueryDict(view.parameters) for view in views}
    everything = QueryDict(mutable=True)
    wanted: dict[str, set[str]] = defaultdict(set)
    for parameters in asked.values():
        for name, values in parameters.lists():
            wanted[name].update(values)
    for name, all_of_it in wanted.items():
        everything.setlist(name, sorted(all_of_it))
    filterset = register.filters(everything, queryset=register.question(actor), actor=actor)
    fields = filterset.form.fields
    seen = {name: _seen(fields[name], values) for name, values in wanted.items() if name in fields}
    return {
        pk for pk, parameters in asked.items() if not all(_holds(register, seen, *each) for each in parameters.lists())
    }


def _holds(register: Register, seen: dict[str, set[str]], name: str, values: list[Any]) -> bool:
    if name in seen:
        return set(values) <= seen[name]
    if name == "columns":
        return all(register.column(each) for each in ",".join(values).split(",") if each)
    if name == "sort":
        column = register.column(values[-1].removeprefix("-"))
        return column is not None and bool(column.sort)
    return name == "q"


def _seen(field: Any, values: Iterable[str]) -> set[str]:
    """Of the values of a filter those that its field takes for this reader."""
    if isinstance(field, ReferencesField):
        return field.known(values)
    if isinstance(field, ModelChoiceField):
        key = field.to_field_name or "pk"
        try:
            found = field.queryset.filter(**{f"{key}__in": list(values)}).values_list(key, flat=True)  # type: ignore[union-attr]
            return {str(value) for value in found}
        except (ValueError, TypeError, ValidationError, FieldDoesNotExist):
            return set()
    if hasattr(field, "choices"):
        known = {str(value) for value, _label in choices_of(field)}
        return {value for value in values if value in known}
    return {value for value in values if _takes(field, value)}


def _takes(field: Any, value: str) -> bool:
    try:
        field.clean(value)
    except ValidationError:
        return False
    return True


def start_of(
    register: Register, actor: Actor, parameters: QueryDict, views: Iterable[SavedView], *, path: str
) -> SavedView | None:
    """The view with which the list opens for the actor, where the address asks for nothing else."""
    if path != address_of_list(register) or any(name not in {"as_of", "known_at"} for name in parameters):
        return None
    view = next((each for each in views if each.is_start and each.owner_id == actor.person_id), None)
    return None if view is None or unseen_by(register, actor, [view]) else view


def tabs(found: Listing, actor: Actor, views: Sequence[SavedView], *, path: str) -> Tabs:
    """Standard views, the reader's own and shared ones, in this order; the one that the address shows is current."""
    if not is_kept(found.register) or path != address_of_list(found.register):
        return Tabs(_standard(found, ""), [])
    here = _as_set(found.parameters)
    shown = next((view for view in views if here and _as_set(QueryDict(view.parameters)) == here), None)
    saved = [_tab_of(view, actor, found.count if view is shown else None) for view in views]
    standard = _standard(found, found.bare_url.removeprefix("?"), none=shown is not None)
    rest = kept_parameters(found.register, found.parameters)
    save = reverse("save_view", args=[found.register.name]) + (f"?{rest}" if rest else "")
    changes = shown is not None and shown.owner_id == actor.person_id and looking_at() is None
    return Tabs(
        *_in_row([*standard, *saved]),
        save_url=save if rest and looking_at() is None else "",
        change_url=reverse("change_view", args=[shown.uid]) if shown is not None and changes else "",
        rows_url=f"/lists/{found.register.name}/rows/",
        bulk_url=reverse("bulk", args=[found.register.name]),
    )


def _standard(found: Listing, bare: str, *, none: bool = False) -> list[Tab]:
    """The views that everybody has. bare: the parameters of the list as such; none: another view is current."""
    return [
        Tab(
            view.label,
            _url(view.parameters or bare),
            view.current and not none,
            found.count if view.current and not none and not hasattr(found, "everything") else None,
        )
        for view in found.standard_views()
    ]


def _tab_of(view: SavedView, actor: Actor, count: int | None) -> Tab:
    own = view.owner_id == actor.person_id
    return Tab(
        view.name,
        url_of(view),
        count is not None,
        count,
        owner="" if own else view.owner.name,
        starts=own and view.is_start,
        shared=own and view.shared,
    )


def _in_row(found: list[Tab]) -> tuple[list[Tab], list[Tab]]:
    """The first tabs and the current one stay in the row."""
    row = [tab for index, tab in enumerate(found) if index < IN_THE_ROW or tab.current]
    return row, [tab for tab in found if tab not in row]


def _as_set(parameters: QueryDict) -> set[tuple[str, str]]:
    without = {*OWN} - {*KEPT}
    return {
        (name, str(value)) for name, values in parameters.lists() for value in values if name not in without and value
    }


def bare_url(actor: Actor, views: Iterable[SavedView]) -> str:
    """The address of the list as such; with a view that it opens with it needs a word of its own."""
    return "?view=all" if any(view.is_start and view.owner_id == actor.person_id for view in views) else "?"
