"""Who holds which role where."""

import django_filters
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.models import Holding, Node, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.register import ActorFilterSet, Column, Register
from quarterdeck.core.templatetags.qd import day


class HoldingFilters(ActorFilterSet):
    """By role, and whether it is held today."""

    role = django_filters.ModelChoiceFilter(queryset=Role.objects.order_by("name"), label=_("Role"))
    kind = django_filters.ChoiceFilter(field_name="node__kind", choices=Node.Kind.choices, label=_("Place"))

    class Meta:
        model = Holding
        fields: list[str] = []


HOLDINGS = Register(
    name="roles",
    title=_("People and roles"),
    noun=_("holdings"),
    noun_of_one=_("holding"),
    route="organisation",
    question=questions.holdings,
    columns=(
        Column(
            "person", _("Person"), lambda h: h.person.name, lambda h: h.person.name, ("person__name",), phone="title"
        ),
        Column("role", _("Role"), lambda h: h.role.name, lambda h: h.role.name, ("role__name",), phone="state"),
        Column(
            "place",
            _("Where"),
            lambda h: h.node.name,
            lambda h: h.node.name,
            ("node__name",),
            widest=True,
            phone="figure",
        ),
        Column(
            "kind", _("Kind"), lambda h: h.node.get_kind_display(), lambda h: h.node.get_kind_display(), ("node__kind",)
        ),
        Column("from", _("From"), lambda h: day(h.from_on), lambda h: h.from_on, ("from_on",), "number"),
        Column("to", _("Until"), lambda h: day(h.to_on) if h.to_on else "", lambda h: h.to_on, ("to_on",), "number"),
    ),
    search=("person__name", "role__name", "node__name"),
    filters=HoldingFilters,
    order=("person__name",),
    order_label=_("by name"),
    empty_title=_("Nobody holds a role here yet"),
    empty_text=_("Roles say who may see and do what, and who answers for a project. They come with an import too."),
)
