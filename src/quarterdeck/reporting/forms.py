"""What the address of a dashboard asks for, and what it may ask for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from quarterdeck.core.errors import Refused
from quarterdeck.reporting.queries import NONE, Look, Wanted

FILTERS = ("unit", "category", "programme", "tier")


def wanted(parameters: QueryDict) -> Wanted:
    """The shape is checked here: a day that is none and a tier that is no number are refused."""
    text = parameters.get("compare", "").strip()
    try:
        compare = date.fromisoformat(text) if text and text != "none" else None
    except ValueError as problem:
        raise Refused(
            "no_such_day", _("“Compare with” needs a day such as 2025-09-30."), {"compare": _("No such day.")}
        ) from problem
    chosen = {name: frozenset(value for value in parameters.getlist(name) if value) for name in FILTERS}
    return Wanted(
        compare=compare,
        alone=text == "none",
        units=chosen["unit"],
        programmes=chosen["programme"],
        categories=chosen["category"],
        tiers=frozenset(each for each in chosen["tier"] if each in {"1", "2", "3", "4", NONE}),
    )


def kept(parameters: QueryDict, *without: str) -> dict[str, list[str]]:
    """Comparison and filters of the address, for links to the same view; the moment is added by `address`."""
    names = [name for name in ("compare", *FILTERS) if name not in without]
    found = {name: [value for value in parameters.getlist(name) if value] for name in names}
    return {name: values for name, values in found.items() if values}


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter, and how many projects of the whole portfolio have it."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with its values. value says in words what is chosen."""

    name: str
    label: str
    value: str
    options: tuple[Option, ...]
    on: bool


def choices(look: Look, parameters: QueryDict) -> list[Choice]:
    """The filters that this portfolio can use: one with a single value does not filter."""
    rows = look.now.values()
    units = Counter([row.unit for row in rows])
    programmes = Counter([row.programme for row in rows])
    named = [
        (
            "unit",
            _("Unit"),
            {_ref(look.named.units, key): (_name(look.named.units, key), n) for key, n in units.items()},
        ),
        ("category", _("Category"), {key or NONE: (key, n) for key, n in Counter([r.category for r in rows]).items()}),
        (
            "programme",
            _("Programme"),
            {_ref(look.named.programmes, key): (_name(look.named.programmes, key), n) for key, n in programmes.items()},
        ),
        (
            "tier",
            _("Tier"),
            {
                str(key or NONE): (_("Tier %(number)d") % {"number": key} if key else "", n)
                for key, n in Counter([row.tier for row in rows]).items()
            },
        ),
    ]
    return [
        _choice(name, label, values, frozenset(parameters.getlist(name)))
        for name, label, values in named
        if len(values) > 1 or parameters.getlist(name)
    ]


def _ref(named: Mapping[int, tuple[str, str]], key: int | None) -> str:
    return NONE if key is None or key not in named else named[key][0]


def _name(named: Mapping[int, tuple[str, str]], key: int | None) -> str:
    return "" if key is None or key not in named else named[key][1]


def _choice(name: str, label: str, values: Mapping[str, tuple[str, int]], chosen: frozenset[str]) -> Choice:
    """Options by name, what has none at the end."""
    options = tuple(
        Option(value, word or _("None"), count, value in chosen)
        for value, (word, count) in sorted(values.items(), key=lambda item: (item[0] == NONE, item[1][0].casefold()))
    )
    picked = [option.label for option in options if option.chosen]
    if not chosen - {""}:
        value = _("All %(number)d") % {"number": len(options)}
    elif len(picked) == 1:
        value = picked[0]
    else:
        value = _("%(chosen)d of %(number)d") % {"chosen": len(picked), "number": len(options)}
    return Choice(name, label, value, options, bool(chosen - {""}))
