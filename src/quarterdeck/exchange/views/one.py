"""One import: the preview, the decision, and the report that stays."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from quarterdeck.core.register.export import csv_cell, safe_text
from quarterdeck.core.templatetags.qd import confidence_mark, money, month, percent_signed
from quarterdeck.core.web.pages import SignedIn, address, page, show
from quarterdeck.exchange import queries, rules, services
from quarterdeck.exchange.models import Import, ImportRow
from quarterdeck.exchange.services.reading import columns_of
from quarterdeck.exchange.tabular.fields import FIELDS
from quarterdeck.exchange.tabular.mapping import match
from quarterdeck.exchange.views.shared import crumbs_of, currency_of, into, sentence, steps

PAGE, FIRST_PROBLEMS, SHORT_ID = 50, 5, 12
SHOWN = ("new", "changed", "unchanged", "refused", "left", "problems")
# What is said in the row itself.
IN_ROW = {"confidence", "forecast_finish", "forecast_cost", "whole_life_cost", "approved_budget", "name", "tier"}
WORDS = {
    "left_on": gettext_lazy("back in the register"),
    "unit": gettext_lazy("unit"),
    "programme": gettext_lazy("programme"),
    "sponsor": gettext_lazy("sponsor"),
    "manager": gettext_lazy("manager"),
    "confidential": gettext_lazy("made confidential"),
}
MAPPABLE = {"not_a_rating", "not_a_choice", "unknown_unit"}
TAGS = {
    "new": ("qd-tag-good", "circle-plus"),
    "changed": ("qd-tag-warn", "pencil"),
    "unchanged": ("", "equal"),
    "refused": ("qd-tag-bad", "ban"),
    "left": ("", "logout"),
}


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list is shown; addresses keep the filter."""

    page: int
    count: int
    parameters: QueryDict

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE

    @property
    def last(self) -> int:
        return min(self.first + PAGE, self.count)

    def _url(self, number: int) -> str:
        kept = self.parameters.copy()
        kept["page"] = str(number)
        return f"?{kept.urlencode()}#rows"

    @property
    def previous_url(self) -> str:
        return self._url(self.page - 1) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        return self._url(self.page + 1) if self.last < self.count else ""


@page
def one(request: SignedIn, uid: UUID) -> HttpResponse:
    """The preview while it waits, the report afterwards, and the job in between."""
    found = queries.import_of(request.actor, uid)
    if found.state in {"uploaded", "mapped"}:
        return redirect(address("import_columns", found.uid))
    if found.state == "abandoned":
        return show(request, "exchange/abandoned.html", found=found, crumbs=crumbs_of(found))
    if found.state == "previewing" or _is_running(found):
        return _wait(request, found)
    if request.htmx and not request.htmx.boosted:
        # The job that the page was waiting for is over: the whole page shows what came of it and what is possible.
        return HttpResponse(headers={"HX-Redirect": request.path})
    if found.state == "failed":
        return _wait(request, found)
    return _rows(request, found)


def _is_running(found: Import) -> bool:
    job = found.job
    return found.state == "previewed" and job is not None and job.kind == services.IMPORT and not job.is_over


def _wait(request: SignedIn, found: Import) -> HttpResponse:
    """A job is at work, or it failed: its progress, and the ways that are open."""
    job = found.job
    return show(
        request,
        "exchange/waiting.html",
        partial="core/_job.html",
        found=found,
        failure=found.failure if found.state == "failed" else "",
        report=job.report_number if job and found.state == "failed" else "",
        job={
            "label": job.label,
            "done": job.done,
            "total": job.total,
            "state": job.state,
            "message": job.message,
            "url": request.path,
            "result_url": job.result_url,
        }
        if job is not None and found.state != "failed" and job.person_id == request.actor.person_id
        else None,
        into=into(found),
        may_decide=found.is_open and request.moment is None,
        steps=steps(found, "preview"),
        crumbs=crumbs_of(found),
        panel_columns=_columns(found),
    )


def _rows(request: SignedIn, found: Import) -> HttpResponse:
    tally = queries.tally(request.actor, found)
    # How many rows the file has would tell of those that the reader does not see.
    found.look["rows"] = tally["total"]
    asked = request.GET.get("show", "")
    asked = asked if asked in SHOWN else ""
    moved = request.GET.get("moved", "")
    moved = moved if moved in queries.MOVES else ""
    everything = queries.rows_of(request.actor, found)
    rows = everything.exclude(outcome="left")
    if asked == "problems":
        rows = rows.filter(problem_count__gt=0)
    elif asked:
        rows = everything.filter(outcome=asked)
    if moved:
        rows = rows.filter(figures__contains={"moved": [moved]})
    count = rows.order_by().count()
    number = request.GET.get("page", "1")
    paging = Paging(
        max(1, min(int(number) if number.isdecimal() and len(number) < 9 else 1, -(-count // PAGE))), count, request.GET
    )
    shown = list(rows[paging.first : paging.last])
    currency = currency_of(found)
    table = columns_of(found.look, found.sheet, found.header_line or 1)
    cost = _cost_label(found, table)
    report = found.state == "imported"
    job = found.job if not report else None
    return show(
        request,
        "exchange/import.html",
        found=found,
        report=report,
        tally=tally,
        ways=_ways(request, found) if tally["changed"] or tally["left"] else [],
        # A file of a few projects is easily taken for the whole register.
        most_leave=not report and tally["left"] > tally["changed"] + tally["unchanged"],
        counts=_counts(tally, asked if not moved else "-", report),
        problems=_problems(request, found, shown if asked == "problems" else None),
        problems_url=address("import_problems", found.uid),
        problem_total=tally["problems"] + len(found.problems),
        refusing=tally["refused"],
        rows=[_row(row, currency, found) for row in shown],
        # A column of their own, unless they are long or say nothing beside the names.
        ids_apart=all(len(row.external_id) <= SHORT_ID for row in shown)
        and any(row.external_id not in {"", rules.kept_id(row.name)} for row in shown),
        asked=asked,
        moved=moved,
        paging=paging,
        cost_label=cost,
        into=into(found),
        into_url=address("portfolio_dashboard", found.portfolio.ref) if found.portfolio is not None else "",
        panel_columns=_columns(found),
        duplicates=[] if report else list(queries.duplicates(request.actor, found)[:1]),
        job_failure=job.message if job is not None and job.state == "failed" and job.kind == services.IMPORT else "",
        may_decide=found.is_open and request.moment is None,
        steps=steps(found, "report" if report else "preview"),
        crumbs=crumbs_of(found),
    )


def _counts(tally: dict[str, int], asked: str, report: bool) -> list[dict[str, Any]]:
    """The counts as filters."""
    entries = (
        ("", tally["total"], _("All rows"), "", ""),
        ("new", tally["new"], _("New"), "circle-plus", "qd-good"),
        ("changed", tally["changed"], _("Changed"), "pencil", "qd-warn"),
        ("unchanged", tally["unchanged"], _("Same"), "equal", "qd-faint"),
        ("refused", tally["refused"], _("Refused"), "ban", "qd-bad"),
        ("left", tally["left"], _("Left"), "logout", "qd-faint"),
        ("problems", tally["problems"], _("Problems"), "alert-triangle", "qd-warn"),
    )
    return [
        {
            "url": f"?show={name}#rows" if name else "?#rows",
            "number": number,
            "label": label,
            "icon": sign,
            "tone": tone if number else "qd-faint",
            "current": name == asked,
        }
        for name, number, label, sign, tone in entries
    ]


def _ways(request: SignedIn, found: Import) -> list[dict[str, Any]]:
    """In which ways known projects moved, each with its rows."""
    numbers = queries.ways_moved(request.actor, found)
    labels = {
        "later": (_("finish later"), "qd-bad"),
        "earlier": (_("finish earlier"), ""),
        "dearer": (_("cost more"), "qd-bad"),
        "cheaper": (_("cost less"), ""),
        "worse": (_("lower confidence"), "qd-bad"),
        "better": (_("higher confidence"), ""),
    }
    return [
        {"label": label, "tone": tone if numbers[way] else "", "number": numbers[way], "url": f"?moved={way}#rows"}
        for way, (label, tone) in labels.items()
    ]


def _problems(request: SignedIn, found: Import, shown: list[ImportRow] | None) -> list[dict[str, Any]]:
    """Problems as the page shows them: the first few, those that refuse a row on top, or those of the rows shown."""
    if shown is not None:
        return [_problem(item, row, found) for row in shown for item in row.problems]
    listed = [_problem(item, None, found) for item in found.problems]
    rows = queries.rows_of(request.actor, found).filter(problem_count__gt=0)
    refused = list(rows.filter(outcome="refused")[:FIRST_PROBLEMS])
    others = list(rows.exclude(outcome="refused")[:FIRST_PROBLEMS])
    for row in (*refused, *others):
        listed += [_problem(item, row, found) for item in row.problems]
    return listed[: max(FIRST_PROBLEMS, len(found.problems) + 2)]


def _problem(item: dict[str, Any], row: ImportRow | None, found: Import) -> dict[str, Any]:
    way = ""
    if found.is_open and item["code"] in MAPPABLE:
        way = _("Map “%(word)s”") % {"word": " ".join(item["as_written"].split())[:24]}
    elif found.is_open and item["code"] in {"no_id", "no_required_column", "no_column"}:
        way = _("Choose a column")
    return {
        "line": item["line"],
        "letter": item["column_letter"],
        "column": item["column"],
        "level": item["level"],
        "refuses": item["level"] == "row" and row is not None and row.outcome == "refused",
        "text": sentence(item),
        "written": " ".join(item["as_written"].split()),
        "way": way,
        "way_url": f"{address('import_columns', found.uid)}#column-{item['column_letter']}" if way else "",
    }


def _cost_label(found: Import, table: Any) -> str:
    """The name of the cost that the rows show."""
    mapped = match(services.mapping_of(found), table)
    key = next((key for key in ("forecast_cost", "whole_life_cost", "approved_budget") if key in mapped), "")
    return str(_(FIELDS[key].label)) if key else _("Cost")


def _row(row: ImportRow, currency: str, found: Import) -> dict[str, Any]:
    """A row with old and new values."""
    tone, sign = TAGS[row.outcome]
    changes, figures = row.changes, row.figures
    cost = next(
        (changes[key] for key in ("forecast_cost", "whole_life_cost", "approved_budget") if key in changes), None
    )
    others = [key for key in changes if key not in IN_ROW]
    name = changes.get("name")
    return {
        "line": row.line,
        "tag": tone,
        "sign": sign,
        "label": row.get_outcome_display(),
        # Where the name is the id, it is not said twice.
        "ref": "" if row.external_id == rules.kept_id(row.name) else row.external_id or "–",
        "name": row.name,
        "old_name": name[0] if name else "",
        "url": address("project", row.project.ref) if row.project is not None else "",
        "also": ", ".join(_fact(key) for key in others),
        "past": figures.get("past", False),
        "confidence": _pair(figures, "confidence", changes.get("confidence"), lambda v: confidence_mark(v, short=True)),
        "finish": _pair(figures, "finish", changes.get("forecast_finish"), _month),
        "cost": _amount(figures, cost, currency),
    }


def _fact(key: str) -> str:
    if key in WORDS:
        return str(WORDS[key])
    return str(_(FIELDS[key].noun)) if key in FIELDS else key


def _amount(figures: dict[str, Any], change: list[Any] | None, currency: str) -> Any:
    """Old and new amount; where both look the same in short, the new one with the difference in percent."""
    if change and change[0] and change[1]:
        before, after = Decimal(change[0]), Decimal(change[1])
        if before and money(before, currency) == money(after, currency):
            percent = percent_signed((after - before) / before * 100)
            return format_html('{} <span class="qd-small qd-muted">{}</span>', money(after, currency), percent)
    return _pair(figures, "cost", change, lambda value: money(Decimal(value), currency) if value else "")


def _month(value: Any) -> str:
    return month(date.fromisoformat(value)) if value else ""


def _pair(figures: dict[str, Any], name: str, change: list[Any] | None, show_value: Any) -> Any:
    """Old and new value, the value alone, or the cell as it is written where it gives none."""
    written = figures.get(f"{name}_written")
    if written is not None:
        new: Any = format_html('<span class="qd-written qd-exchange-short" title="{}">{}</span>', written, written)
    elif figures.get(name):
        new = show_value(figures[name])
    else:
        new = ""
    before = show_value(change[0]) if change and change[0] else ""
    if change is None or not before:
        return new
    if name == "confidence":
        return format_html('{} <span class="qd-arrow">→</span> {}', before, new or confidence_mark(None, short=True))
    return format_html(
        '<span class="qd-old">{}</span> <span class="qd-arrow">→</span> <span class="qd-strong">{}</span>',
        before,
        new or "–",
    )


def _columns(found: Import) -> list[dict[str, Any]]:
    """The columns as the panel shows them: letter, name and what each fills."""
    table = columns_of(found.look, found.sheet, found.header_line or 1)
    if not found.mapping:
        return []
    mapping = services.mapping_of(found)
    filled: dict[int, list[str]] = {}
    for key, columns in match(mapping, table).items():
        for column in columns:
            filled.setdefault(column.index, []).append(str(_(FIELDS[key].label)))
    words = {str(_(FIELDS[key].label)): len(said) for key, said in mapping.values.items()}
    result = []
    for column in table.columns:
        labels = filled.get(column.index, [])
        told = ", ".join(labels)
        if len(labels) == 1 and words.get(labels[0]):
            told = _("%(field)s, %(count)d words mapped") % {"field": told, "count": words[labels[0]]}
        result.append({"letter": column.letter, "label": column.label, "fills": told})
    return result


@page
@require_POST
def preview(request: SignedIn, uid: UUID) -> HttpResponse:
    """Look at the file again."""
    found = queries.import_of(request.actor, uid)
    if found.state == "failed":
        mapping = services.mapping_of(found)
        services.map_columns(
            request.actor,
            found,
            mapping,
            as_of=found.as_of or request.now.date(),
            called=found.mapping_name,
            now=request.now,
        )
    services.start_preview(request.actor, found, now=request.now)
    return redirect(address("import", found.uid))


@page
@require_POST
def run(request: SignedIn, uid: UUID) -> HttpResponse:
    """Import what the preview showed."""
    found = queries.import_of(request.actor, uid)
    services.start_import(request.actor, found, now=request.now)
    return redirect(address("import", found.uid))


@page
@require_http_methods(["GET", "POST"])
def abandon(request: SignedIn, uid: UUID) -> HttpResponse:
    """Give the import up; asked without a dialog, say first what that does."""
    found = queries.import_of(request.actor, uid)
    if request.method != "POST":
        if not found.is_open or request.moment is not None:
            return redirect(address("import", found.uid))
        return show(request, "exchange/give_up.html", found=found, into=into(found), crumbs=crumbs_of(found))
    services.abandon(request.actor, found, now=request.now)
    return redirect(address("imports"))


@page
def problems(request: SignedIn, uid: UUID) -> HttpResponse:
    """Every problem as CSV, in which nothing is a formula."""
    found = queries.import_of(request.actor, uid)
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    heads = (_("Line"), _("Column"), _("Name of the column"), _("In the file"), _("What it means"), _("Row"))
    writer.writerow([safe_text(str(head)) for head in heads])
    for line in _problem_lines(request, found):
        writer.writerow([csv_cell(value) for value in line])
    name = f"import-{found.number}-problems.csv"
    return HttpResponse(
        buffer.getvalue().encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _problem_lines(request: SignedIn, found: Import) -> Iterator[list[Any]]:
    for item in found.problems:
        yield [item["line"] or None, item["column_letter"], item["column"], item["as_written"], sentence(item), ""]
    rows = queries.rows_of(request.actor, found).filter(problem_count__gt=0)
    for row in rows.iterator(chunk_size=500):
        for item in row.problems:
            yield [
                item["line"],
                item["column_letter"],
                item["column"],
                item["as_written"],
                sentence(item),
                row.get_outcome_display(),
            ]
