"""The history of an object as a person reads it. The domain that owns a kind says what changed and in which words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node
from quarterdeck.core.queries import history
from quarterdeck.core.queries.history import Change
from quarterdeck.core.templatetags.qd import day, moment, number
from quarterdeck.core.texts import Text


@dataclass(frozen=True, slots=True)
class Told:
    """One change in words. worse: for the worse. long: too long for a line."""

    field: str
    label: str
    before: Any
    after: Any
    on: date
    recorded_at: datetime
    by: str
    reason: str
    about: str = ""
    worse: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """
    How the history of a kind is told.

    changes : every change of a thing that an actor sees, latest first, with names instead of ids.
    tell : a change of a thing in words.
    subjects : type and id by which ledger entries name it.
    first_day : the day from which it is known. note : what the history leaves out, and why.
    """

    kind: str
    changes: Callable[[Actor, Any], list[Change]]
    tell: Callable[[Change, Any], Told]
    subjects: Callable[[Any], list[tuple[str, int]]]
    first_day: Callable[[Any], date | None]
    note: Text = ""


_stories: dict[str, Story] = {}


def own(story: Story) -> None:
    """Say how the history of a kind is told. One owner a kind."""
    if story.kind in _stories:
        raise ValueError(f"The history of a {story.kind} is told already.")
    _stories[story.kind] = story


def story_of(kind: str, model: type[Model]) -> Story:
    """How the history of a kind is told: as its owner says, otherwise from the columns of its model."""
    return _stories.get(kind) or _plain_story(kind, model)


def in_words(value: Any) -> Any:
    """A value as a person reads it, where its column says no more."""
    if value is None or value == "" or value == []:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal | int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)


def told(change: Change, label: Any, before: Any, after: Any, **more: Any) -> Told:
    """A change with the words that its owner found."""
    return Told(
        change.field,
        str(label),
        before,
        after,
        change.effective_on,
        change.recorded_at,
        change.person_name,
        change.reason,
        change.about,
        **more,
    )


def span_in_words(value: Any) -> str:
    """From when until when a role is held."""
    if not value:
        return ""
    first, last, acting = value
    if last is not None and last < first:
        return _("taken back")
    words = _("from %(first)s until %(last)s") if last else _("from %(first)s on")
    said = words % {"first": day(first), "last": day(last) if last else ""}
    return _("%(span)s, acting") % {"span": said} if acting else said


def is_span(value: Any) -> bool:
    """Whether a value says from when until when a role is held."""
    return isinstance(value, tuple)


def _plain_story(kind: str, model: type[Model]) -> Story:
    governed = hasattr(model, "versions")
    labels = {
        each.attname.removesuffix("_id"): str(each.verbose_name).capitalize() for each in model._meta.concrete_fields
    }

    def changes(actor: Actor, thing: Any) -> list[Change]:
        found = history.changes_of_row(model, thing.pk, history.fields_of(model)) if governed else []
        places = {each.attname: "pk" for each in model._meta.concrete_fields if each.related_model is Node}
        return history.told(actor, found, places=places)

    def tell(change: Change, thing: Any) -> Told:
        name = change.field.removesuffix("_id")
        return told(change, labels.get(name, name), in_words(change.before), in_words(change.after))

    return Story(
        kind,
        changes,
        tell,
        lambda thing: [(f"{model._meta.app_label}.{model._meta.model_name}", thing.pk)],
        lambda thing: history.first_day(model, thing.pk) if governed else None,
    )
