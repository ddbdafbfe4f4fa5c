"""People, with what they hold today and whether they can sign in."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Account, Holding, Person, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import ActorFilterSet, Column, Edit, Register, View, declare
from quarterdeck.core.services import people as services
from quarterdeck.core.templatetags.qd import day
from quarterdeck.core.time import looking_at
from quarterdeck.core.web.pages import address

SHOWN = 2
HERE = [("here", _("here")), ("left", _("left"))]
SIGN_IN = [("yes", _("can sign in")), ("no", _("cannot sign in"))]


def _people(actor: Actor) -> "QuerySet[Person]":
    """People the actor sees, with what they hold where the actor sees it."""
    moment = looking_at()
    held = questions.holdings(actor).filter(access.in_force(actor.on if moment is None else moment.on))
    signs_in = Account.objects.filter(person_id=OuterRef("pk"), is_active=True)
    return (
        questions.people(actor)
        .annotate(signs_in=Exists(signs_in), held_number=questions.number_of(held, "person"))
        .prefetch_related(Prefetch("holdings", held.order_by("role__name", "node__name"), to_attr="held"))
    )


class PeopleFilters(ActorFilterSet):
    """By whether they are here, what they hold, and whether they can sign in."""

    here = django_filters.ChoiceFilter(label=_("State"), choices=HERE, method="filter_here")
    role = django_filters.ModelChoiceFilter(
        label=_("Role today"), queryset=Role.objects.none(), method="filter_role", to_field_name="code"
    )
    sign_in = django_filters.ChoiceFilter(label=_("Sign-in"), choices=SIGN_IN, method="filter_sign_in")

    class Meta:
        model = Person
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.asks("role"):
            self.filters["role"].queryset = questions.roles(self.actor)

    def filter_here(self, found: "QuerySet[Person]", _name: str, value: str) -> "QuerySet[Person]":
        gone = Q(left_on__lte=self.actor.on)
        return found.filter(gone) if value == "left" else found.exclude(gone)

    def filter_role(self, found: "QuerySet[Person]", _name: str, value: Role) -> "QuerySet[Person]":
        held = questions.holdings(self.actor).filter(access.in_force(self.actor.on), role=value)
        return found.filter(pk__in=held.order_by().values("person_id"))

    def filter_sign_in(self, found: "QuerySet[Person]", _name: str, value: str) -> "QuerySet[Person]":
        signs_in = Q(pk__in=Account.objects.filter(is_active=True).values("person_id"))
        return found.filter(signs_in) if value == "yes" else found.exclude(signs_in)


def change(
    actor: Actor, person: Person, facts: Mapping[str, Any], *, version: int, now: datetime, reason: str = ""
) -> None:
    """Name and address of a person, as long as both are what the actor saw; people have no versions."""
    seen = (person.name, person.email)
    values = {"name": person.name, "email": person.email, **facts}
    services.change_person(actor, person, name=values["name"], email=values["email"], now=now, seen=seen)


def changeable(actor: Actor, ids: Collection[int]) -> set[int]:
    """All of them for who keeps the people of the whole organisation, otherwise none."""
    top = actor.top
    return set(ids) if top is not None and access.may(actor, rights.MANAGE_ORGANISATION, on=top) else set()


NAME = Edit("name", lambda actor: forms.CharField(max_length=200))
EMAIL = Edit("email", lambda actor: forms.EmailField(required=False))


def _name(person: Person) -> SafeString:
    return format_html('<a class="qd-name" href="{}">{}</a>', address("person", person.uid), person.name)


def _roles(person: Any) -> str:
    held: list[Holding] = person.held
    said = ", ".join(f"{holding.role.name} ({holding.node.name})" for holding in held[:SHOWN])
    return said if len(held) <= SHOWN else _t("%(roles)s and %(number)s more") % {
        "roles": said, "number": len(held) - SHOWN
    }  # fmt: skip


def _all_roles(person: Any) -> str:
    return "; ".join(f"{holding.role.name}: {holding.node.name}" for holding in person.held)


PEOPLE = Register(
    name="people",
    title=_("People"),
    noun=_("people"),
    noun_of_one=_("person"),
    route="people",
    question=_people,
    columns=(
        Column("name", _("Name"), _name, lambda p: p.name, ("name",), phone="title", edit=NAME),
        Column("email", _("Address"), lambda p: p.email, lambda p: p.email, ("email",), phone="figure", edit=EMAIL),
        Column("roles", _("Roles today"), _roles, _all_roles, ("held_number",), widest=True),
        Column(
            "sign_in",
            _("Sign-in"),
            lambda p: _t("can sign in") if p.signs_in else "",
            lambda p: p.signs_in,
            ("signs_in",),
            phone="state",
        ),
        Column(
            "left",
            _("Left"),
            lambda p: day(p.left_on) if p.left_on else "",
            lambda p: p.left_on,
            ("left_on",),
            "number",
        ),
    ),
    search=("name", "email"),
    filters=PeopleFilters,
    order=("name",),
    order_label=_("by name"),
    views=(
        View("here", _("Here"), "here=here"),
        View("signing", _("Can sign in"), "here=here&sign_in=yes"),
        View("left", _("Left"), "here=left"),
        View("all", _("Everybody"), ""),
    ),
    key=lambda person: str(person.uid),  # type: ignore[attr-defined]
    key_field="uid",
    change=change,
    changeable=changeable,
    empty_title=_("Nobody is here yet"),
    empty_text=_("People are named in the work and hold roles. Add them by name and address, or import a register."),
)

declare(PEOPLE)
