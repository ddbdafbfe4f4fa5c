"""The columns of a register: what each means, and where its names stand."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quarterdeck.core.errors import Refused
from quarterdeck.core.web.pages import SignedIn, address, page, show
from quarterdeck.exchange import columns_form, forms, queries, services
from quarterdeck.exchange.columns_form import Columns
from quarterdeck.exchange.models import Import
from quarterdeck.exchange.services.reading import columns_of
from quarterdeck.exchange.tabular.mapping import Mapping, to_json
from quarterdeck.exchange.views.shared import crumbs_of, currency_of, into, steps
from quarterdeck.projects import queries as project_queries


@page
def columns(request: SignedIn, uid: UUID) -> HttpResponse:
    """Say what each column means; the next step looks at every row."""
    found = queries.import_of(request.actor, uid)
    if not found.is_open or request.moment is not None:
        return redirect(address("import", found.uid))
    base, called = services.mapping_of(found), found.mapping_name
    asked = request.GET.get("mapping", "")
    if asked:
        base, called = services.chosen_mapping(request.actor, found, asked), asked
    table = columns_of(found.look, found.sheet, found.header_line or 1)
    if request.method != "POST":
        return _page(request, found, base, called, as_of=base.as_of if asked and base.as_of else found.as_of)
    sent = columns_form.read(request.POST, found.look, table, base)
    errors = dict(sent.errors)
    again = request.POST.get("act") == "again"
    if not errors and not again and sent.as_of is not None:
        try:
            with transaction.atomic():
                if sent.save_as:
                    services.save_mapping(request.actor, sent.save_as, sent.mapping, now=request.now)
                services.map_columns(
                    request.actor,
                    found,
                    sent.mapping,
                    as_of=sent.as_of,
                    called=sent.save_as or (called if _same(sent.mapping, base) else ""),
                    currency=sent.currency,
                    now=request.now,
                )
                services.start_preview(request.actor, found, now=request.now)
        except Refused as refusal:
            errors = refusal.fields or {"": refusal.message}
        else:
            return redirect(address("import", found.uid))
    shown = {} if again else errors
    return _page(
        request,
        found,
        sent.mapping,
        called,
        as_of=sent.as_of,
        errors=shown,
        save_as=sent.save_as,
        status=422 if shown else 200,
    )


def _same(one: Mapping, other: Mapping) -> bool:
    """Whether two mappings read a file alike, whatever the order of their fields and their day."""
    items = [json.loads(to_json(replace(mapping, as_of=None))) for mapping in (one, other)]
    return bool(items[0] == items[1])


def _page(
    request: SignedIn,
    found: Import,
    mapping: Mapping,
    called: str,
    *,
    as_of: Any,
    errors: dict[str, str] | None = None,
    save_as: str = "",
    status: int = 200,
) -> HttpResponse:
    table = columns_of(found.look, found.sheet, found.header_line or 1)
    units = list(project_queries.units_to_choose(request.actor))
    own = Columns(
        found.look,
        table,
        mapping,
        units,
        found.look.get("reasons") if called == found.mapping_name else {},
        known_units=queries.words_for_units(request.actor),
        may_make_units=queries.may_make_units(request.actor),
    )
    rows = own.rows()
    return show(
        request,
        "exchange/columns.html",
        found=found,
        columns=own,
        rows=rows,
        used=own.used,
        open_words=sum(row.open_words for row in rows),
        mapping=mapping,
        mapping_name=called,
        mappings=[(name, known.title) for name, known, _own in queries.mappings(request.actor) if name != "generic"],
        as_of=as_of.isoformat() if as_of else "",
        currency=mapping.currency or currency_of(found),
        portfolio_currency=currency_of(found),
        into=into(found),
        errors=errors or {},
        may_decide=True,
        save_as=save_as,
        duplicates=list(queries.duplicates(request.actor, found)[:1]),
        place=forms.Place(initial={"sheet": found.sheet, "header_line": found.header_line}),
        steps=steps(found, "columns"),
        crumbs=crumbs_of(found),
        status=status,
    )


@page
@require_POST
def table(request: SignedIn, uid: UUID) -> HttpResponse:
    """Take another sheet or line for the names of the columns."""
    found = queries.import_of(request.actor, uid)
    sheet, _mark, line = request.POST.get("place", "").rpartition("|")
    form = forms.Place(
        {"sheet": sheet or request.POST.get("sheet", ""), "header_line": line or request.POST.get("header_line", "")}
    )
    if not form.is_valid():
        raise Refused("no_line", _("Give the number of the line that has the names of the columns."))
    services.choose_table(
        request.actor,
        found,
        sheet=form.cleaned_data["sheet"],
        header_line=form.cleaned_data["header_line"],
        now=request.now,
    )
    return redirect(address("import_columns", found.uid))
