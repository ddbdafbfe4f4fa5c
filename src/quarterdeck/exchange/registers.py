"""The register of imports."""

from typing import Any

import django_filters
from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.register import ActorFilterSet, Column, ReferencesFilter, Register, declare
from quarterdeck.core.templatetags.qd import dash, day, icon, number
from quarterdeck.core.web.pages import address
from quarterdeck.exchange import queries
from quarterdeck.exchange.models import Import
from quarterdeck.projects import queries as project_queries

STATES = {
    "imported": ("qd-tag-good", "check"),
    "previewed": ("qd-tag-info", "clock"),
    "failed": ("qd-tag-bad", "alert-circle"),
}


class ImportFilters(ActorFilterSet):
    """By portfolio and state."""

    portfolio = ReferencesFilter(
        label=_("Portfolio"), queryset=lambda request: None, widget=forms.CheckboxSelectMultiple
    )
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=Import.State.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Import
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.filters["portfolio"].queryset = project_queries.portfolios(actor)
        self.filters["portfolio"].field.label_from_instance = lambda portfolio: portfolio.name


def file_cell(found: Import) -> SafeString:
    """The file as a link to its import."""
    return format_html('<a class="qd-name" href="{}">{}</a>', address("import", found.uid), found.file_name)


def state_cell(found: Import) -> SafeString:
    """The state as a tag."""
    tone, sign = STATES.get(found.state, ("", ""))
    return format_html(
        '<span class="qd-tag {}">{}{}</span>', tone, icon(sign, "small") if sign else "", found.get_state_display()
    )


def _portfolio(found: Import) -> str:
    if found.portfolio is not None:
        return str(found.portfolio.name)
    return _t("%(name)s, to be made") % {"name": found.new_name}


def _mapping(found: Import) -> str:
    return found.mapping_name


def _count(name: str) -> Any:
    def cell(found: Import) -> Any:
        if found.state not in {"previewed", "imported"}:
            return dash(_t("Not read yet."))
        return number(getattr(found, name))

    return cell


def _counted(name: str) -> Any:
    return lambda found: getattr(found, name) if found.state in {"previewed", "imported"} else None


IMPORTS = Register(
    name="imports",
    title=_("Imports"),
    noun=_("imports"),
    noun_of_one=_("import"),
    route="imports",
    question=queries.listed_imports,
    columns=(
        Column("file", _("File"), file_cell, lambda i: i.file_name, ("file_name",), widest=True, phone="title"),
        Column("portfolio", _("Into"), _portfolio, _portfolio, ("portfolio__node__name",)),
        Column("as_of", _("As of"), lambda i: day(i.as_of), lambda i: i.as_of, ("as_of",), "number", phone="figure"),
        Column("rows", _("Rows"), _count("seen_rows"), _counted("seen_rows"), ("seen_rows",), "number", phone="figure"),
        Column("new", _("New"), _count("seen_new"), _counted("seen_new"), ("seen_new",), "number"),
        Column("changed", _("Changed"), _count("seen_changed"), _counted("seen_changed"), ("seen_changed",), "number"),
        Column(
            "refused",
            _("Refused"),
            _count("seen_refused"),
            _counted("seen_refused"),
            ("seen_refused",),
            "number",
            shown=False,
        ),
        Column(
            "problems", _("Problems"), _count("seen_problems"), _counted("seen_problems"), ("seen_problems",), "number"
        ),
        Column("who", _("Who"), lambda i: i.person.name, lambda i: i.person.name, ("person__name",)),
        Column(
            "when",
            _("When"),
            lambda i: day(i.imported_at or i.uploaded_at),
            lambda i: i.imported_at or i.uploaded_at,
            ("uploaded_at",),
            "number",
        ),
        Column(
            "state",
            _("State"),
            state_cell,
            lambda i: i.get_state_display(),
            ("state",),
            phone="state",
            data=lambda i: i.state,
        ),
        Column(
            "mapping", _("Mapping"), lambda i: i.mapping_name, lambda i: i.mapping_name, ("mapping_name",), shown=False
        ),
        Column("sha256", _("SHA-256 of the file"), lambda i: i.sha256[:12], lambda i: i.sha256, shown=False),
    ),
    search=("file_name", "portfolio__node__name", "new_name", "person__name", "sha256"),
    filters=ImportFilters,
    order=("-uploaded_at",),
    order_label=_("newest first"),
    key=lambda found: str(found.uid),  # type: ignore[attr-defined]
    key_field="uid",
    empty_title=_("Nothing was imported yet"),
    empty_text=_(
        "The list of projects you already have, as CSV or XLSX, is all it takes. Nothing is written before you agree."
    ),
)

declare(IMPORTS)
