"""What each figure of the dashboard is called, by which rule it counts, and how it was worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from heapq import nsmallest

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from quarterdeck.core.derivation import Derivation, Input
from quarterdeck.core.templatetags.qd import confidence_word, money, money_full, percent_signed
from quarterdeck.core.templatetags.qd import day as written
from quarterdeck.reporting.queries import Look
from quarterdeck.reporting.rules import COLUMNS, Basis

LARGEST = 5
LATENESS = (gettext_lazy("on time"), "1–2", "3–5", "6–8", "9+")
GROWTH = (gettext_lazy("under"), "0–5", "5–10", "10–15", "15+")


@dataclass(frozen=True, slots=True)
class Words:
    """Title of a figure and the rule by which a project counts."""

    title: str
    rule: str


def share(value: Decimal | None) -> str:
    """A share as a signed percentage with one decimal."""
    return percent_signed(None if value is None else value * 100)


def day_of(value: date | None) -> str:
    """A day as the reader writes it."""
    return str(written(value))


def words(look: Look, figure: str) -> Words:
    """What a figure counts. Every figure of the rules has words."""
    head, _dash, tail = figure.partition("-")
    if head == "confidence" and tail:
        return Words(
            _("Confidence %(level)s") % {"level": confidence_word(tail)},
            _("Projects whose declared delivery confidence is unknown.")
            if tail == "N"
            else _("Projects whose declared delivery confidence is this one."),
        )
    if head == "shift" and tail != "unknown":
        return _shift_words(look, *tail.split("-"))
    if head == "lateness":
        return Words(_late_bar(look, int(tail)), late_rule(look))
    if head == "growth":
        return Words(_growth_bar(look, int(tail)), growth_rule(look))
    return _fixed(look)[figure]


def _fixed(look: Look) -> dict[str, Words]:
    limits = look.picture.limits
    both = {"then": day_of(look.compare) if look.compare else _("the earlier day")}
    identity = _("A project stays the same whatever its name, unit or programme.")
    return {
        "projects": Words(_("Projects"), _("Projects of the portfolio that are in the register and that you may see.")),
        "new": Words(_("New projects"), _("In the register now and not on %(then)s.") % both + " " + identity),
        "left": Words(
            _("Projects that left"), _("In the register on %(then)s and not any more.") % both + " " + identity
        ),
        "cost": Words(
            _("Whole-life cost"),
            _(
                "The forecast at completion of each project, or its declared whole-life cost where there is no "
                "forecast, added up. A project without either is left out, not counted as nothing."
            ),
        ),
        "approved": Words(_("Approved budget"), _("The approved budgets of the projects that have one, added up.")),
        "cost-change": Words(
            _("Cost change, like for like"),
            _("Only projects with a cost on both days: what they cost now against what they cost on %(then)s. ") % both
            + _("New projects, projects that left and unknown costs do not move it."),
        ),
        "late": Words(late_title(look), late_rule(look)),
        "late-known": Words(_("Finish measured"), late_rule(look)),
        "grown-known": Words(_("Cost measured"), growth_rule(look)),
        "confidence": Words(
            _("Delivery confidence, declared"), _("What each project declares, not a computed judgement.")
        ),
        "better": Words(
            _("Better confidence"), _("Confidence on both days, and a better one now than on %(then)s.") % both
        ),
        "same": Words(_("Same confidence"), _("Confidence on both days, and the same.")),
        "worse": Words(
            _("Worse confidence"), _("Confidence on both days, and a worse one now than on %(then)s.") % both
        ),
        "shift-unknown": Words(
            _("Confidence unknown"), _("Projects without a confidence on one of the two days; they are not compared.")
        ),
        "attention": Words(_("Needs attention"), attention_rule(look)),
        "movers": Words(
            _("Movers"),
            _("Confidence changed, finish moved ≥ %(months)d months or cost ≥ %(share)s. ")
            % {"months": limits.months_moved, "share": _percent(limits.growth_moved)}
            + movers_order(),
        ),
        "quality": Words(
            _("Projects with doubtful data"), _("At least one entry is missing, contradicts itself or is stale.")
        ),
        "clean": Words(_("Projects with clean data"), _("Nothing is missing, contradicts itself or is stale.")),
        "quality-cost": Words(
            _("Whole-life cost missing"), _("Neither a forecast at completion nor a whole-life cost is known.")
        ),
        "quality-finish": Words(_("Finish missing"), _("Neither an actual nor a forecast finish is known.")),
        "quality-confidence": Words(_("No confidence declared"), _("No delivery confidence is known.")),
        "quality-dates": Words(_("Finish before start"), _("The finish lies before the start.")),
        "quality-unchanged": Words(
            _("Unchanged since %(then)s") % both, _("Start, finish and cost are exactly those of %(then)s.") % both
        ),
        "chart": Words(_("Cost against time"), _("Projects that have a place on the chart.")),
        "chart-without": Words(_("Not on the chart"), _("Projects that lack a value one of the axes needs.")),
        "chart-beyond": Words(_("Beyond the axes"), _("Projects so far out that the axes do not reach them.")),
        "chart-smaller": Words(_("Too many for the chart"), _("The chart draws the largest; these are smaller.")),
    }


def _percent(value: Decimal) -> str:
    return f"{number_format(value * 100, 0)}%"


def _shift_words(look: Look, before: str, after: str) -> Words:
    days = {
        "then": day_of(look.compare),
        "now": day_of(look.day),
        "before": confidence_word(before),
        "after": confidence_word(after),
    }
    if before == "new":
        return Words(_("New, %(after)s") % days, _("Not in the register on %(then)s, %(after)s now.") % days)
    if after == "left":
        return Words(_("%(before)s, left") % days, _("%(before)s on %(then)s, not in the register any more.") % days)
    return Words(_("%(before)s, then %(after)s") % days, _("%(before)s on %(then)s, %(after)s now.") % days)


def late_title(look: Look) -> str:
    """What the card of late projects is called; it says what late is measured against."""
    if look.picture.finish_basis is Basis.EARLIER:
        return _("Finish moved later")
    return _("Forecast to finish late")


def against(look: Look) -> str:
    """What finishes are measured against, in a few words."""
    if look.picture.finish_basis is Basis.EARLIER:
        return _("since %(then)s") % {"then": day_of(look.compare)}
    return _("against the baseline")


def against_cost(look: Look) -> str:
    """What costs are measured against, in a few words."""
    if look.picture.cost_basis is Basis.EARLIER:
        return _("since %(then)s") % {"then": day_of(look.compare)}
    return _("against approved")


def late_rule(look: Look) -> str:
    """How lateness is measured in these data."""
    months = _("in months, to the nearest; from one month on it counts as late.")
    if look.picture.finish_basis is Basis.EARLIER:
        return (
            _("Too few projects have a baseline. So the finish is compared with the finish on %(then)s, ")
            % {"then": day_of(look.compare)}
            + months
        )
    if look.picture.finish_basis is Basis.BASELINE:
        return _("The actual or forecast finish against the baseline finish, ") + months
    return _("It needs a baseline finish, or a finish on an earlier day to compare with.")


def growth_rule(look: Look) -> str:
    """How growth of cost is measured in these data."""
    if look.picture.cost_basis is Basis.EARLIER:
        return _("Too few projects have an approved budget. So the cost is compared with the cost on %(then)s.") % {
            "then": day_of(look.compare)
        }
    if look.picture.cost_basis is Basis.BASELINE:
        return _("The forecast at completion, or the whole-life cost, against the approved budget.")
    return _("It needs an approved budget, or a cost on an earlier day to compare with.")


def _late_bar(look: Look, bar: int) -> str:
    if bar == 0:
        return _("Not later") if look.picture.finish_basis is Basis.EARLIER else _("On time")
    return _("%(months)s months later") % {"months": LATENESS[bar]}


def _growth_bar(look: Look, bar: int) -> str:
    return _("Cost went down") if bar == 0 else _("%(share)s%% more cost") % {"share": GROWTH[bar]}


def signals(look: Look) -> tuple[list[str], list[str]]:
    """The signals these data give, and those they cannot give."""
    found, limits = look.picture.signals, look.picture.limits
    finish = _("finish ≥ %(months)d months late") % {"months": limits.months_attention}
    if look.picture.finish_basis is Basis.EARLIER:
        finish = _("finish ≥ %(months)d months later than on %(then)s") % {
            "months": limits.months_attention,
            "then": day_of(look.compare),
        }
    cost = _("cost ≥ +%(share)s of approved") % {"share": _percent(limits.growth_attention)}
    if look.picture.cost_basis is Basis.EARLIER:
        cost = _("cost ≥ +%(share)s since %(then)s") % {
            "share": _percent(limits.growth_attention),
            "then": day_of(look.compare),
        }
    level = _("confidence Amber/Red or Red") if found.five_levels else _("confidence Red")
    parts = [(found.confidence, level), (found.finish, finish), (found.cost, cost)]
    return [text for given, text in parts if given], [text for given, text in parts if not given]


def attention_rule(look: Look) -> str:
    """The rule of “needs attention” in a sentence."""
    given, lacking = signals(look)
    if not given:
        return _("These data give no signal: no confidence, nothing to measure finishes or costs against.")
    text = (
        given[0].capitalize() + "."
        if len(given) == 1
        else _("At least %(number)d of: %(signals)s.")
        % {
            "number": look.picture.signals.at_least,
            "signals": "; ".join(given),
        }
    )
    if lacking:
        text += " " + _("Not in these data: %(signals)s.") % {"signals": "; ".join(lacking)}
    return text + " " + _("Most signals first, then the largest cost.")


def movers_order() -> str:
    """How movers are ordered, in words."""
    return _("Most confidence lost first, then the later finish, then the higher cost.")


def source(look: Look) -> str:
    """Where the state comes from."""
    if look.recorded is None:
        return _("Entered by hand; no file was imported.")
    facts = {"date": day_of(look.recorded.on), "rows": number_format(look.recorded.rows, 0)}
    if look.recorded.source == "import":
        return _("Import of %(date)s, %(rows)s rows.") % facts
    return _("Recorded for %(date)s, %(rows)s rows.") % facts


def coverage(known: int, of: int) -> str:
    """How many of the projects a figure rests on."""
    return _("Known for %(known)d of %(all)d projects.") % {"known": known, "all": of}


def largest(look: Look, figure: str) -> list[int]:
    """Projects whose names the derivation of a figure needs: the largest in it."""
    if figure == "cost-change":
        keys = look.picture.members["cost-change"]
        return nsmallest(LARGEST, keys, key=lambda key: (-abs(_grown_by(look, key)), key))
    if figure in {"cost", "approved"}:
        keys = look.picture.members[figure]
        return nsmallest(LARGEST, keys, key=lambda key: (-_amount(look, figure, key), key))
    return []


def _amount(look: Look, figure: str, key: int) -> Decimal:
    row = look.picture.rows[key]
    return (row.cost if figure == "cost" else row.approved) or Decimal(0)


def _grown_by(look: Look, key: int) -> Decimal:
    now, then = look.picture.rows[key].cost, look.picture.then
    before = then.rows[key].cost if then else None
    return (now or Decimal(0)) - (before or Decimal(0))


def explain(
    look: Look, figure: str, counted: int, called: Mapping[int, str], *, now: datetime, table_url: str
) -> Derivation:
    """
    The derivation of one figure. counted is how many projects it counts, called the names of its largest.

    Only a total may hold confidential projects; then it says how many, and nothing else of them.
    """
    said = words(look, figure)
    picture, totals, currency = look.picture, look.totals, look.portfolio.currency
    result, formula, cover = number_format(counted, 0), "", ""
    inputs: Sequence[Input] = []
    if figure == "projects":
        result = number_format(totals.projects, 0)
        inputs = _parts(look, [("new", ""), ("left", _("not counted")), ("clean", "")])
    elif figure == "cost":
        result = money_full(totals.cost, currency)
        inputs = _amounts(look, figure, called, picture.costs.now)
        cover = coverage(totals.with_cost, totals.projects)
    elif figure == "approved":
        result = money_full(picture.costs.approved, currency)
        inputs = _amounts(look, figure, called, picture.costs.approved)
        cover = coverage(picture.count("approved"), picture.count("projects"))
    elif figure == "cost-change":
        result = share(picture.cost_change)
        formula = (
            f"{money_full(picture.costs.both_now, currency)} / {money_full(picture.costs.both_then, currency)} − 1"
        )
        inputs = [
            Input(
                called.get(key, ""), _signed_money(_grown_by(look, key), currency), note=share(picture.changed.get(key))
            )
            for key in largest(look, figure)
        ]
        cover = coverage(counted, picture.count("projects"))
    elif figure == "late":
        result = _("%(late)d of %(known)d") % {"late": counted, "known": picture.count("late-known")}
        inputs = _parts(look, [(f"lateness-{bar}", "") for bar in range(5)])
        cover = coverage(picture.count("late-known"), picture.count("projects"))
    elif figure in {"confidence", "better", "same", "worse", "shift-unknown"}:
        inputs = (
            _mix(look)
            if figure == "confidence"
            else _parts(look, [(name, "") for name in ("better", "same", "worse", "shift-unknown")])
        )
        cover = coverage(picture.count("confidence"), picture.count("projects"))
    elif figure == "quality":
        inputs = _parts(
            look, [(f"quality-{doubt}", "") for doubt in ("cost", "finish", "confidence", "dates", "unchanged")]
        )
    elif figure == "grown-known":
        inputs = _parts(look, [(f"growth-{bar}", "") for bar in range(5)])
        cover = coverage(counted, picture.count("projects"))
    if totals.hidden.projects and figure in {"projects", "cost", "confidence"}:
        cover = " ".join(part for part in (cover, includes(look)) if part)
    return Derivation(
        title=said.title,
        result=result,
        rule=said.rule,
        inputs=inputs,
        formula=formula,
        coverage=cover,
        source=source(look),
        at=now,
        table_url=table_url,
    )


def includes(look: Look) -> str:
    """What a total holds that is not listed; empty where it holds nothing."""
    number = look.totals.hidden.projects
    if not number:
        return ""
    return ngettext(
        "Includes %(number)d confidential project, which is counted and not listed.",
        "Includes %(number)d confidential projects, which are counted and not listed.",
        number,
    ) % {"number": number}


def _parts(look: Look, figures: Sequence[tuple[str, str]]) -> list[Input]:
    """Figures as bars of the largest of them."""
    counts = [(figure, note, look.picture.count(figure)) for figure, note in figures]
    most = max((count for _figure, _note, count in counts), default=0) or 1
    return [
        Input(words(look, figure).title, number_format(count, 0), count / most, note) for figure, note, count in counts
    ]


def _mix(look: Look) -> list[Input]:
    total = look.totals.projects or 1
    return [
        Input(confidence_word(level), number_format(count, 0), count / total, tone=level)
        for level in COLUMNS
        if (count := look.totals.confidence[level])
    ]


def _amounts(look: Look, figure: str, called: Mapping[int, str], total: Decimal) -> list[Input]:
    """The largest amounts, and the others together, as shares of the total."""
    keys = largest(look, figure)
    amounts = [(called.get(key, ""), _amount(look, figure, key)) for key in keys]
    others = look.picture.count(figure) - len(keys)
    if others > 0:
        rest = total - sum((amount for _name, amount in amounts), Decimal(0))
        amounts.append((_("%(number)d others") % {"number": others}, rest))
    return [
        Input(name, str(money(amount, look.portfolio.currency)), float(amount / total) if total else None)
        for name, amount in amounts
    ]


def _signed_money(amount: Decimal, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{money(amount, currency)}"
