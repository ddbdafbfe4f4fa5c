"""Behind a figure: how it was worked out, and the projects that went into it."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from quarterdeck.core.errors import NotFound, Refused
from quarterdeck.core.register.export import csv_response, xlsx_response
from quarterdeck.core.web.pages import SignedIn, page, show
from quarterdeck.core.web.shell import crumb
from quarterdeck.reporting import explained, queries, registers, rules
from quarterdeck.reporting.views.asked import links, look_of
from quarterdeck.reporting.views.dashboard import filters_in_words


@page
def how(request: SignedIn, ref: str, figure: str) -> HttpResponse:
    """How a figure was worked out; for the panel beside it, or as a page of its own."""
    look = look_of(request, ref)
    keys = rules.members(look.picture, figure)
    if keys is None:
        raise NotFound
    link = links(request, look)
    labels = queries.labels(request.actor, explained.largest(look, figure))
    derivation = explained.explain(
        look,
        figure,
        len(keys),
        {key: label.name for key, label in labels.items()},
        now=request.now,
        table_url=link("portfolio_rows", figure),
    )
    return show(
        request,
        "reporting/figure.html",
        partial="core/_derivation.html",
        derivation=derivation,
        look=look,
        filters=filters_in_words(request, look),
        back_url=link("portfolio_dashboard"),
        crumbs=[crumb(look.portfolio.name, link("portfolio_dashboard")), crumb(derivation.title)],
    )


@page
def rows(request: SignedIn, ref: str, figure: str) -> HttpResponse:
    """The projects that a figure counts: as a page, as part of one, or as a file."""
    return _list(request, ref, figure)


@page
def movers(request: SignedIn, ref: str) -> HttpResponse:
    """Everything that moved."""
    return _list(request, ref, "movers")


def _list(request: SignedIn, ref: str, figure: str) -> HttpResponse:
    look = look_of(request, ref)
    keys = rules.members(look.picture, figure)
    if keys is None:
        raise NotFound
    labels = queries.labels(request.actor, keys)
    if figure not in {"movers", "attention", "chart"}:
        keys = sorted(keys, key=lambda key: (labels[key].name.casefold(), key) if key in labels else ("", key))
    said = explained.words(look, figure)
    found = registers.Rows(
        said.title, registers.columns(look), registers.lines(look, keys, labels), request.GET, request.path
    )
    wanted = request.GET.get("format", "")
    filename = f"{look.portfolio.ref}-{figure}-{look.day.isoformat()}".lower()
    if wanted == "csv":
        return csv_response(found.listing(), filename)
    if wanted == "xlsx":
        return xlsx_response(found.listing(), filename)
    if wanted:
        raise Refused("unknown_format", _("A list is exported as csv or xlsx."))
    link = links(request, look)
    counted_only = figure in {"projects", "cost", "confidence"} or figure.startswith("confidence-")
    return show(
        request,
        "reporting/rows.html",
        partial="reporting/_chart_table.html" if figure == "chart" else "reporting/_rows.html",
        look=look,
        found=found,
        words=said,
        hidden=explained.includes(look) if counted_only else "",
        filters=filters_in_words(request, look),
        how_url=link("portfolio_figure", figure),
        back_url=link("portfolio_dashboard"),
        crumbs=[crumb(look.portfolio.name, link("portfolio_dashboard")), crumb(said.title)],
    )
