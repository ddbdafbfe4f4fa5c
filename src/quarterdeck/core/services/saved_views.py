"""Views of lists are saved, shared, changed and deleted by who likes them."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quarterdeck.core import ledger, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotFound, Refused
from quarterdeck.core.models import SavedView

MOST_PARAMETERS = 2000
MOST_NAME = 80
MOST_VIEWS = 50

# The lists of which views are kept, each with the parameters that hold what somebody typed.
_typed: dict[str, frozenset[str]] = {}


def know_list(register: str, typed: Iterable[str]) -> None:
    """Say that views of a list are kept, and which of its parameters hold a text that somebody typed."""
    _typed[register] = frozenset(typed)


@transaction.atomic
def save_view(
    actor: Actor,
    register: str,
    *,
    name: str,
    parameters: str,
    now: datetime,
    shared: bool = False,
    starts: bool = False,
) -> SavedView:
    """
    Keep a list as the actor sees it under a name: its filters, search, order and columns.

    shared: whoever may see the list finds it too. starts: the list opens with it for the actor. Each saves for
    themselves, so no right is asked for.
    """
    if register not in _typed:
        raise NotFound
    text = _named(name)
    _fits(parameters)
    if shared:
        _holds_nothing_typed(register, parameters)
    if SavedView.objects.filter(owner_id=actor.person_id, register=register).count() >= MOST_VIEWS:
        sentence = _("You have %(most)d views of this list. Delete one that you no longer use.") % {"most": MOST_VIEWS}
        raise Refused("too_many_views", sentence)
    if starts:
        _start_with_none(actor, register)
    view = SavedView(
        register=register,
        name=text,
        owner_id=actor.person_id,
        shared=shared,
        parameters=parameters,
        is_start=starts,
        created_at=now,
    )
    try:
        store.create(view, store.Because(actor.person_id, now))
    except Refused as refusal:
        raise _name_taken(text) if refusal.code.startswith("a_person_has_one_view") else refusal from refusal
    if shared:
        ledger.record(actor, "core.view.shared", on=view, at=now, view=view.uid, register=register)
    return view


@transaction.atomic
def change_view(
    actor: Actor, view: SavedView, *, name: str, shared: bool, starts: bool, version: int, now: datetime
) -> SavedView:
    """Rename a view of one's own, share it or no longer, let the list open with it or no longer."""
    _own(actor, view)
    text = _named(name)
    if shared:
        _holds_nothing_typed(view.register, view.parameters)
    was_shared = view.shared
    if starts and not view.is_start:
        _start_with_none(actor, view.register)
    _write(view, version, name=text, shared=shared, is_start=starts)
    if shared != was_shared:
        ledger.record(
            actor,
            "core.view.shared" if shared else "core.view.withdrawn",
            on=view,
            at=now,
            view=view.uid,
            register=view.register,
        )
    return view


@transaction.atomic
def replace_view(actor: Actor, view: SavedView, *, parameters: str, version: int, now: datetime) -> SavedView:
    """Let a view of one's own show the list as it is now; its name and who finds it stay."""
    _own(actor, view)
    _fits(parameters)
    if view.shared:
        _holds_nothing_typed(view.register, parameters)
    return _write(view, version, parameters=parameters)


@transaction.atomic
def delete_view(actor: Actor, view: SavedView, *, now: datetime) -> None:
    """Take a view of one's own away, also from those who found it as shared."""
    _own(actor, view)
    gone, _each = SavedView.objects.filter(pk=view.pk, owner_id=actor.person_id).delete()
    if not gone:
        raise NotFound
    if view.shared:
        ledger.record(actor, "core.view.withdrawn", on=None, at=now, view=view.uid, register=view.register)


def _own(actor: Actor, view: SavedView) -> None:
    """Only the owner changes a view; for others it is not there to be changed."""
    if view.owner_id != actor.person_id:
        raise NotFound


def _named(name: str) -> str:
    text = " ".join(name.split())
    if not text:
        sentence = _("Give the view a name, such as “Late, tier 1 and 2”.")
        raise Refused("no_name", sentence, {"name": sentence})
    if len(text) > MOST_NAME:
        sentence = _("A name of a view has at most %(most)d characters.") % {"most": MOST_NAME}
        raise Refused("long_name", sentence, {"name": sentence})
    return text


def _fits(parameters: str) -> None:
    if not parameters:
        raise Refused("nothing_to_keep", _("A view keeps filters, an order or columns. Choose some in the list first."))
    if len(parameters) > MOST_PARAMETERS:
        raise Refused(
            "too_many_choices", _("This view holds more choices than can be kept. Choose fewer in its filters.")
        )


def _holds_nothing_typed(register: str, parameters: str) -> None:
    """Choices of a filter are checked against what each reader sees; a typed text could say anything."""
    typed = _typed.get(register, frozenset({"q"}))
    if any(name in typed and value.strip() for name, value in parse_qsl(parameters)):
        sentence = _(
            "Others would read what you typed into the search. Take it out of the view, or keep the view to yourself."
        )
        raise Refused("typed_text", sentence, {"shared": sentence})


def _start_with_none(actor: Actor, register: str) -> None:
    """The lock makes two choices at once follow each other; the constraint proves it."""
    own = SavedView.objects.filter(owner_id=actor.person_id, register=register)
    list(own.select_for_update().order_by("pk").values_list("pk", flat=True))
    own.filter(is_start=True).update(is_start=False, version=F("version") + 1)


def _write(view: SavedView, version: int, **values: object) -> SavedView:
    try:
        with transaction.atomic():
            changed = SavedView.objects.filter(pk=view.pk, version=version).update(**values, version=F("version") + 1)
    except IntegrityError as problem:
        raise _name_taken(str(values.get("name", view.name))) from problem
    if not changed:
        raise Conflict(_("You changed this view elsewhere meanwhile. Look at it again before you save."))
    view.refresh_from_db()
    return view


def _name_taken(name: str) -> Refused:
    sentence = _("You have a view “%(name)s” of this list already. Choose another name, or update that one.")
    return Refused("name_taken", sentence % {"name": name}, {"name": sentence % {"name": name}})
