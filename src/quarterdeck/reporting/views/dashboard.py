"""The dashboard of a portfolio."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from quarterdeck.core.money import SYMBOLS
from quarterdeck.core.templatetags.qd import confidence_mark, money, signed
from quarterdeck.core.web.pages import SignedIn, address, page, show
from quarterdeck.core.web.shell import crumb
from quarterdeck.projects.rules import CONFIDENCE_ORDER
from quarterdeck.reporting import explained, forms, queries, registers, rules
from quarterdeck.reporting.queries import Label, Look
from quarterdeck.reporting.rules import COLUMNS, NO_DATA, Basis, Bubbles
from quarterdeck.reporting.views.asked import address_if, links, look_of

MOST_ATTENTION = 8
MOST_MOVERS = 10
Link = Callable[..., str]


@page
def portfolio_dashboard(request: SignedIn, ref: str) -> HttpResponse:
    """What a portfolio looks like, and what moved since an earlier day."""
    look = look_of(request, ref)
    link = links(request, look)
    drawn = rules.bubbles(look.picture)
    attention, movers = look.picture.attention(MOST_ATTENTION), look.picture.movers(MOST_MOVERS)
    labels = queries.labels(request.actor, {*attention, *movers, *(point.id for point in drawn.points)})
    given, lacking = explained.signals(look)
    return show(
        request,
        "reporting/dashboard.html",
        look=look,
        picture=look.picture,
        choices=filter_forms(request, look),
        compare=compare_form(request, look),
        filters=filters_in_words(request, look),
        clear_url=address("portfolio_dashboard", ref, query=forms.kept(request.GET, *forms.FILTERS)),
        cards=_cards(look, link),
        segments=_segments(look, link),
        matrix=_matrix(look, link) if look.compare else None,
        chart=_chart(look, drawn, labels, link),
        attention=_attention(look, attention, labels),
        signals=given,
        lacking=lacking,
        amount_label=_("Whole-life") if look.picture.count("cost") else _("Approved"),
        movers=_movers(look, movers, labels),
        movers_order=explained.movers_order(),
        movers_rule=explained.words(look, "movers").rule,
        bars=[_late_bars(look, link), _growth_bars(look, link)],
        quality=_quality(look, link),
        urls={
            "movers": link("portfolio_movers"),
            "attention": link("portfolio_rows", "attention"),
            "attention_how": link("portfolio_figure", "attention"),
            "movers_how": link("portfolio_figure", "movers"),
            "quality": link("portfolio_rows", "quality"),
            "clean": link("portfolio_figure", "quality"),
            "xlsx": link("portfolio_rows", "projects", format="xlsx"),
            "csv": link("portfolio_rows", "projects", format="csv"),
            "start": address_if("start") if request.moment is None else "",
        },
        crumbs=[crumb(_("Portfolio"), address("dashboard")), crumb(look.portfolio.name)],
    )


def filter_forms(request: SignedIn, look: Look) -> list[dict[str, Any]]:
    """Each filter with the rest of the address as hidden fields, so that it changes nothing else."""
    return [
        {
            "choice": choice,
            "hidden": _hidden(request, choice.name),
            "all_url": _without(request, choice.name),
        }
        for choice in forms.choices(look, request.GET)
    ]


def compare_form(request: SignedIn, look: Look) -> dict[str, Any]:
    """The days to compare with, as links, and a field for any other."""
    rest = forms.kept(request.GET, "compare")
    return {
        "hidden": _hidden(request, "compare"),
        "days": [
            {
                "day": each,
                "url": address("portfolio_dashboard", look.portfolio.ref, query={**rest, "compare": each.isoformat()}),
                "chosen": each == look.compare,
            }
            for each in look.days
        ],
        "alone_url": address("portfolio_dashboard", look.portfolio.ref, query={**rest, "compare": "none"}),
    }


def _hidden(request: SignedIn, without: str) -> list[tuple[str, str]]:
    kept = [(name, value) for name, values in forms.kept(request.GET, without).items() for value in values]
    moment = [(name, request.GET[name]) for name in ("as_of", "known_at") if request.GET.get(name)]
    return kept + moment


def _without(request: SignedIn, name: str) -> str:
    return address("portfolio_dashboard", request.resolver_match.kwargs["ref"], query=forms.kept(request.GET, name))  # type: ignore[union-attr]


def filters_in_words(request: SignedIn, look: Look) -> str:
    """The filters in force, for headings, print and exports; empty without any."""
    chosen = [choice for choice in forms.choices(look, request.GET) if choice.on] if look.keep.any else []
    return " · ".join(
        f"{choice.label}: {', '.join(option.label for option in choice.options if option.chosen) or '–'}"
        for choice in chosen
    )


def _cards(look: Look, link: Link) -> dict[str, Any]:
    picture, totals, currency = look.picture, look.totals, look.portfolio.currency
    late = picture.count("late-known")
    return {
        "how": {
            name.replace("-", "_"): link("portfolio_figure", name)
            for name in ("projects", "cost", "approved", "cost-change", "late")
        },
        "projects": totals.projects,
        "new": picture.count("new"),
        "left": picture.count("left"),
        "cost": money(totals.cost, currency) if totals.cost is not None else "",
        "with_cost": totals.with_cost,
        "approved": money(picture.costs.approved, currency) if picture.count("approved") else "",
        "with_approved": picture.count("approved"),
        "change": explained.share(picture.cost_change) if picture.cost_change is not None else "",
        "on_both": picture.count("cost-change"),
        "late_title": explained.late_title(look),
        "late": _("%(late)d of %(known)d") % {"late": picture.count("late"), "known": late} if late else "",
        "median_text": _median(picture.median_late),
        "confidence_url": link("portfolio_figure", "confidence"),
        "against": explained.against(look),
        "late_rule": explained.late_rule(look),
        "includes": look.totals.hidden.projects,
        "how_new": link("portfolio_rows", "new"),
        "how_left": link("portfolio_rows", "left"),
    }


def _median(months: int | None) -> str:
    if months is None:
        return ""
    return signed(months, _("mo")) if months else _("0 mo")


def _segments(look: Look, link: Link) -> list[dict[str, Any]]:
    return [
        {"state": level, "count": look.totals.confidence[level], "url": link("portfolio_rows", f"confidence-{level}")}
        for level in COLUMNS
    ]


def _matrix(look: Look, link: Link) -> dict[str, Any]:
    """Confidence then in rows, now in columns; what left in the last column, what is new in the last row."""
    count = look.picture.count

    def cell(figure: str, kind: str = "") -> dict[str, Any]:
        number = count(figure)
        return {
            "count": number,
            "url": link("portfolio_rows", figure) if number else "",
            "kind": kind if number else "is-zero",
        }

    rows = []
    levels = shown_levels(look)
    for before, level in enumerate(levels):
        cells = [
            cell(f"shift-{level}-{other}", "is-worse" if after > before else "is-better" if after < before else "")
            for after, other in enumerate(levels)
        ]
        rows.append({"level": level, "cells": [*cells, cell(f"shift-{level}-left")]})
    new = [cell(f"shift-new-{level}") for level in levels]
    return {
        "levels": levels,
        "rows": rows,
        "new": new,
        "unknown": count("shift-unknown"),
        "unknown_url": link("portfolio_rows", "shift-unknown"),
        "counts": [
            {"name": name, "count": count(name), "url": link("portfolio_figure", name)}
            for name in ("better", "same", "worse")
        ],
    }


def shown_levels(look: Look) -> list[str]:
    """The levels these data use: files that know Green, Amber and Red only get no empty rows between them."""
    then = look.picture.then.rows.values() if look.picture.then else ()
    used = {row.confidence for row in look.now.values()} | {row.confidence for row in then}
    if used & {"AG", "AR"}:
        return list(CONFIDENCE_ORDER)
    return [level for level in CONFIDENCE_ORDER if level not in {"AG", "AR"}]


def _chart(look: Look, drawn: Bubbles, labels: dict[int, Label], link: Link) -> dict[str, Any]:
    """Figures of the chart for the script, and in words what it shows and leaves out."""
    symbol = SYMBOLS.get(look.portfolio.currency, look.portfolio.currency).strip()
    unit, scale = (f"{symbol}m", 1_000_000) if len(symbol) == 1 else (f"m {symbol}", 1_000_000)
    by_slip, by_growth = drawn.x.scale == "slip", drawn.y.scale == "growth"
    limits = look.picture.limits
    x: dict[str, Any] = {"label": _("Finish"), "type": "time"}
    if by_slip:
        x = {
            "label": _("Finish slip %(against)s, months") % {"against": explained.against(look)},
            "unit": _("mo"),
            **_bounds(drawn.x),
        }
    y: dict[str, Any] = {"label": _("Whole-life cost"), "unit": unit, "log": True}
    if by_growth:
        y = {
            "label": _("Cost growth %(against)s, %%") % {"against": explained.against_cost(look)},
            "unit": "%",
            **_bounds(drawn.y),
        }
    lines = []
    if by_slip:
        lines.append(
            {"axis": "x", "at": limits.months_moved, "label": _("%(months)d months") % {"months": limits.months_moved}}
        )
    if by_growth:
        share = int(limits.growth_moved * 100)
        lines.append({"axis": "y", "at": share, "label": f"+{share}%"})
    points = [
        {
            "name": labels[point.id].name,
            "x": point.x.isoformat() if isinstance(point.x, date) else point.x,
            "y": point.y if by_growth else round(point.y / scale, 3),
            "size": round(float(point.cost) / scale, 3),
            "state": look.picture.rows[point.id].confidence,
            "url": address("project", labels[point.id].ref),
            "label": point.named,
        }
        for point in drawn.points
        if point.id in labels
    ]
    title = _("Slip, cost growth and size") if by_slip and by_growth else _("Cost against time")
    return {
        "title": title,
        "placed": len(points),
        "data": {
            "x": x,
            "y": y,
            "size_label": _("Whole-life cost"),
            "size_unit": unit,
            "lines": lines,
            "points": points,
        },
        "alone": [
            {"text": text % {"number": len(keys)}, "url": link("portfolio_rows", figure)}
            for figure, keys, text in (
                ("chart-without", drawn.without, _("%(number)d lack a value")),
                ("chart-beyond", drawn.beyond, _("%(number)d lie beyond the axes")),
                ("chart-smaller", drawn.smaller, _("%(number)d smaller are not drawn")),
            )
            if keys
        ],
        "axes": _("Across: %(x)s. Up: %(y)s. Area: whole-life cost.") % {"x": x["label"], "y": y["label"]},
        "levels": [*shown_levels(look), *([NO_DATA] if any(point["state"] == NO_DATA for point in points) else [])],
        "table_url": link("portfolio_rows", "chart"),
    }


def _bounds(axis: rules.Axis) -> dict[str, float]:
    if axis.low is None or axis.high is None or axis.step is None:
        return {}
    return {"min": axis.low, "max": axis.high, "interval": axis.step}


def _lines(look: Look, keys: Iterable[int], labels: dict[int, Label]) -> list[registers.Line]:
    return registers.lines(look, list(keys), labels)


def _attention(look: Look, keys: list[int], labels: dict[int, Label]) -> list[dict[str, Any]]:
    picture, limits = look.picture, look.picture.limits
    return [
        {
            "name": registers.name_cell(line),
            "place": _place(look, line),
            "confidence": registers.level_cell(look, line, line.now)
            if picture.rows[line.id].confidence == NO_DATA
            else confidence_mark(picture.rows[line.id].confidence),
            "finish": registers.months_cell(
                look, picture.late.get(line.id), over=limits.months_attention, why=explained.late_rule(look)
            ),
            "cost": registers.share_cell(
                picture.grown.get(line.id), over=limits.growth_attention, why=explained.growth_rule(look)
            ),
            "amount": money(_amount(look, line.id), look.portfolio.currency),
        }
        for line in _lines(look, keys, labels)
    ]


def _amount(look: Look, key: int) -> Decimal | None:
    """The cost of a project; its approved budget where the portfolio knows no cost at all."""
    row = look.picture.rows[key]
    return row.cost if look.picture.count("cost") else row.approved


def _place(look: Look, line: registers.Line) -> str:
    tier = line.now.tier if line.now else None
    # A question mark as in the register: a provisional tier obliges nobody.
    mark = "?" if line.label.tier_provisional else ""
    return " · ".join(part for part in (f"T{tier}{mark}" if tier else "", line.unit) if part)


def _movers(look: Look, keys: list[int], labels: dict[int, Label]) -> list[dict[str, Any]]:
    picture = look.picture
    return [
        {
            "name": registers.name_cell(line),
            "confidence": _from_to(look, line),
            "finish": registers.months_cell(look, picture.moved.get(line.id)),
            "cost": registers.share_cell(picture.changed.get(line.id)),
        }
        for line in _lines(look, keys, labels)
    ]


def _from_to(look: Look, line: registers.Line) -> str:
    """Both confidences with an arrow, or the one that stayed."""
    now = registers.level_cell(look, line, line.now)
    if line.then is None or line.now is None or line.then.confidence == line.now.confidence:
        return now
    then = registers.level_cell(look, line, line.then, then=True)
    return format_html('{}<span class="qd-arrow" aria-label="{}">→</span>{}', then, _("then"), now)


def _late_bars(look: Look, link: Link) -> dict[str, Any]:
    shown = look.picture.count("late-known")
    moved = look.picture.finish_basis is Basis.EARLIER
    names = [str(each) for each in explained.LATENESS]
    if moved:
        names[0] = _("not later")
    return _bars(
        look,
        link,
        "lateness",
        "late",
        _("How much later") if moved else _("How late"),
        names,
        shown,
        _("months %(against)s") % {"against": explained.against(look)},
        explained.late_rule(look),
    )


def _growth_bars(look: Look, link: Link) -> dict[str, Any]:
    return _bars(
        look,
        link,
        "growth",
        "grown-known",
        _("How much more"),
        [str(each) for each in explained.GROWTH],
        look.picture.count("grown-known"),
        _("% {against}").format(against=explained.against_cost(look)),
        explained.growth_rule(look),
    )


def _bars(
    look: Look, link: Link, name: str, figure: str, title: str, names: list[str], shown: int, unit: str, rule: str
) -> dict[str, Any]:
    counts = [look.picture.count(f"{name}-{bar}") for bar in range(5)]
    urls = [link("portfolio_rows", f"{name}-{bar}") for bar in range(5)]
    return {
        "id": f"qd-{name}",
        "title": title,
        "unit": unit,
        "rule": rule,
        "shown": shown,
        "shown_text": _("%(number)d measured") % {"number": shown},
        "how": link("portfolio_figure", figure),
        "label": ", ".join(f"{word}: {count}" for word, count in zip(names, counts, strict=True)),
        "table": [
            {"word": word, "count": count, "url": url} for word, count, url in zip(names, counts, urls, strict=True)
        ],
        "data": {"categories": names, "values": counts, "bad_from": 3, "urls": urls, "unit": _("projects")},
    }


def _quality(look: Look, link: Link) -> dict[str, Any]:
    """What to doubt in these data, each line with the list of its projects."""
    count = look.picture.count
    kinds = [
        ("quality-cost", "warn", _("Missing")),
        ("quality-finish", "warn", _("Missing")),
        ("quality-confidence", "warn", _("Missing")),
        ("quality-dates", "bad", _("Contradictory")),
        *([("quality-unchanged", "", _("Stale"))] if look.compare else []),
    ]
    return {
        "clean": count("clean"),
        "lines": [
            {
                "kind": kind,
                "tone": tone,
                "text": explained.words(look, figure).title,
                "count": count(figure),
                "url": link("portfolio_rows", figure),
            }
            for figure, tone, kind in kinds
        ],
    }
