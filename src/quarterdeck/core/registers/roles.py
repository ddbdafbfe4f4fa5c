"""Roles, with how many rights each carries and how many people hold it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import access, rights
from quarterdeck.core.access import Actor
from quarterdeck.core.models import Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import ActorFilterSet, Column, Edit, Register, declare
from quarterdeck.core.services import rolebook
from quarterdeck.core.services.roles import STANDARD
from quarterdeck.core.time import looking_at
from quarterdeck.core.web.pages import address

ENDED = [("no", _("given")), ("yes", _("given no more"))]


def _roles(actor: Actor) -> "QuerySet[Role]":
    """Roles with the number of people who hold them where the actor sees it."""
    moment = looking_at()
    held = questions.holdings(actor).filter(access.in_force(actor.on if moment is None else moment.on))
    return questions.roles(actor).annotate(people=questions.number_of(held, "role", "person"))


class RoleFilters(ActorFilterSet):
    """Given, or given no more."""

    ended = django_filters.ChoiceFilter(label=_("State"), choices=ENDED, method="filter_ended")

    class Meta:
        model = Role
        fields: list[str] = []

    def filter_ended(self, found: "QuerySet[Role]", _name: str, value: str) -> "QuerySet[Role]":
        return found.filter(ended_on__isnull=value == "no")


def change(
    actor: Actor, role: Role, facts: Mapping[str, Any], *, version: int, now: datetime, reason: str = ""
) -> None:
    """What a role is called and what it is for; its rights and rules stay."""
    rolebook.change_role(
        actor,
        role,
        name=facts.get("name", role.name),
        given=[code for code in role.rights if code in rights.ALL],
        description=facts.get("description", role.description),
        single=role.single,
        needs_second_factor=role.needs_second_factor,
        now=now,
        reason=reason,
    )


def changeable(actor: Actor, ids: Collection[int]) -> set[int]:
    """All of them for who makes roles, otherwise none."""
    top = actor.top
    return set(ids) if top is not None and access.may(actor, rights.MANAGE_ORGANISATION, on=top) else set()


NAME = Edit("name", lambda actor: forms.CharField(max_length=Role._meta.get_field("name").max_length))
DESCRIPTION = Edit(
    "description",
    lambda actor: forms.CharField(max_length=Role._meta.get_field("description").max_length, required=False),
)


def _name(role: Role) -> SafeString:
    gone = format_html(' <span class="qd-tag qd-tag-warn">{}</span>', _t("given no more")) if role.ended_on else ""
    return format_html('<a class="qd-name" href="{}">{}</a>{}', address("role", role.code), role.name, gone)


def _kind(role: Any) -> str:
    standard = STANDARD.get(role.code)
    if standard is None:
        return _t("own")
    same = {right.code for right in standard.rights} == set(role.rights)
    return _t("standard") if same else _t("standard, changed")


def _yes(value: bool) -> str:
    return _t("yes") if value else ""


ROLES = Register(
    name="roles",
    title=_("Roles"),
    noun=_("roles"),
    noun_of_one=_("role"),
    route="roles",
    question=_roles,
    columns=(
        Column("name", _("Role"), _name, lambda r: r.name, ("name",), phone="title", edit=NAME),
        Column(
            "description",
            _("For"),
            lambda r: r.description,
            lambda r: r.description,
            widest=True,
            phone="figure",
            edit=DESCRIPTION,
            reads=("description",),
        ),
        Column("kind", _("Kind"), _kind, _kind, phone="state", reads=("code", "rights")),
        Column("people", _("People"), lambda r: r.people, lambda r: r.people, ("people",), "number", phone="figure"),
        Column(
            "rights",
            _("Rights"),
            lambda r: len(r.rights),
            lambda r: len(r.rights),
            align="number",
            reads=("rights",),
        ),
        Column("single", _("One at a time"), lambda r: _yes(r.single), lambda r: r.single, ("single",)),
        Column(
            "second_factor",
            _("Second factor"),
            lambda r: _yes(r.needs_second_factor),
            lambda r: r.needs_second_factor,
            ("needs_second_factor",),
        ),
    ),
    search=("name", "description"),
    filters=RoleFilters,
    order=("name",),
    order_label=_("by name"),
    key=lambda role: role.code,  # type: ignore[attr-defined]
    key_field="code",
    change=change,
    changeable=changeable,
    empty_title=_("No role on that day"),
    empty_text=_("Roles come with the founding of the organisation."),
)

declare(ROLES)
