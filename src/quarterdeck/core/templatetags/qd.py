"""
How a confidence, an amount, a date, a difference and a missing value look, everywhere the same.

Every tag is also a plain function that returns safe HTML, so that a register calls it per cell without a template.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_noop, pgettext

from quarterdeck.core.money import SYMBOLS

register = template.Library()

Number = int | float | Decimal
Amount = Number | str | None

MINUS = "\u2212"
EN_DASH = "\u2013"
NO_BREAK_SPACE = "\u00a0"

CONFIDENCE_WORDS = {
    "G": gettext_noop("Green"),
    "AG": gettext_noop("Amber/Green"),
    "A": gettext_noop("Amber"),
    "AR": gettext_noop("Amber/Red"),
    "R": gettext_noop("Red"),
    "N": gettext_noop("No data"),
}

_SHAPES = {
    "G": '<circle cx="8" cy="8" r="7.2" fill="currentColor"/><path class="qd-cut" d="M4.9 8.3l2.1 2.1 4.1-4.6"/>',
    "AG": '<circle cx="8" cy="8" r="6.1" fill="none" stroke="currentColor" stroke-width="2.2"/>'
    '<circle cx="8" cy="8" r="2.4" fill="currentColor"/>',
    "A": '<path fill="currentColor" d="M8 .4 15.6 8 8 15.6.4 8z"/><path class="qd-cut" d="M5.4 8h5.2"/>',
    "AR": '<path fill="currentColor" d="M8 .9 15.7 14.6H.3z"/><path class="qd-cut" d="M8 6.1v3.6M8 12.2v.1"/>',
    "R": '<path fill="currentColor" d="M4.9.8h6.2l4.1 4.1v6.2l-4.1 4.1H4.9L.8 11.1V4.9z"/>'
    '<path class="qd-cut" d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"/>',
    "N": '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6" '
    'stroke-dasharray="2.4 2.4"/>',
}
_SIGNS = {
    state: f'<svg class="qd-mark qd-mark-{state}" viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>'
    for state, shape in _SHAPES.items()
}

# A navigation entry is reached with G and a letter (interface.md §10); entries are known by their icon.
_PLACES = {
    "inbox": "m",
    "layout-dashboard": "p",
    "gavel": "d",
    "folders": "r",
    "folder": "r",
}


def confidence_word(state: str | None) -> str:
    """The word of a confidence, in the reader's language; an unknown or missing state is “No data”."""
    return gettext(CONFIDENCE_WORDS.get(state or "N", CONFIDENCE_WORDS["N"]))


@lru_cache(maxsize=256)
def _confidence_mark(state: str, short: bool, _language: str | None) -> SafeString:
    word = escape(confidence_word(state))
    if not short:
        return mark_safe(f'<span class="qd-confidence">{_SIGNS[state]}<span>{word}</span></span>')
    letters = EN_DASH if state == "N" else state
    return mark_safe(
        f'<span class="qd-confidence is-short" title="{word}">{_SIGNS[state]}'
        f'<span aria-hidden="true">{letters}</span><span class="qd-hidden">{word}</span></span>'
    )


def confidence_mark(state: str | None, short: bool = False) -> SafeString:
    """Shape and word; short: shape and letters, with the word as the accessible name."""
    return _confidence_mark(state if state in _SIGNS else "N", short, get_language())


@register.simple_tag(name="confidence")
def confidence(state: str | None, short: bool = False) -> SafeString:
    return confidence_mark(state, short)


@register.simple_tag(name="confidence_sign")
def confidence_sign(state: str | None) -> SafeString:
    """The shape alone, for places where the word stands beside it or in the caption."""
    word = escape(confidence_word(state))
    sign = _SIGNS[state if state in _SIGNS else "N"]
    return mark_safe(f'<span class="qd-confidence" title="{word}">{sign}<span class="qd-hidden">{word}</span></span>')


register.filter("confidence_word", confidence_word)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite, decorative: its words stand beside it. size: small or large."""
    return _icon(name, size)


# A list draws two for each of its columns.
@lru_cache(maxsize=512)
def _icon(name: str, size: str) -> SafeString:
    more = f" qd-icon-{size}" if size else ""
    return format_html(
        '<svg class="qd-icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        more,
        static("quarterdeck/icons.svg"),
        name,
    )


@register.simple_tag(name="dash")
def dash(reason: str) -> SafeString:
    """A missing or undefined value: a dash whose reason is its accessible name and shows on hover and focus."""
    return format_html(
        '<span class="qd-dash" role="img" tabindex="0" aria-label="{}" data-reason="{}">{}</span>',
        reason,
        reason,
        EN_DASH,
    )


@register.filter
def day(value: date | datetime | None) -> str:
    """26 Nov 2026."""
    if value is None:
        return dash(gettext("No date"))
    return _dated(_local(value), "j M Y", get_language())


@lru_cache(maxsize=4096)
def _dated(value: date | datetime, form: str, _language: str | None) -> str:
    """A list repeats its days; working them out is a third of its cost."""
    return date_format(value, form)


@register.filter
def month(value: date | datetime | None) -> str:
    """Nov 2026, for plans that know no day."""
    if value is None:
        return dash(gettext("No date"))
    return _dated(_local(value), "M Y", get_language())


@register.filter
def moment(value: datetime | None) -> str:
    """26 Nov 2026, 14:05, in the reader's time zone."""
    if value is None:
        return dash(gettext("No time"))
    return date_format(_local(value), "j M Y, H:i")


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _decimal(value: Number | str) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _written(value: Decimal, decimals: int) -> str:
    """Rounded half up, grouped as the reader groups, without a sign."""
    return _written_in(value, decimals, get_language())


@lru_cache(maxsize=8192)
def _written_in(value: Decimal, decimals: int, _language: str | None) -> str:
    step = Decimal(1).scaleb(-decimals)
    return str(
        number_format(
            abs(value).quantize(step, ROUND_HALF_UP),
            decimals,
            use_l10n=True,
            force_grouping=True,
        )
    )


def _is_zero(value: Decimal, decimals: int) -> bool:
    return not value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _with_currency(figure: str, negative: bool, currency: str) -> str:
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "").replace(" ", NO_BREAK_SPACE)
    return f"{MINUS if negative else ''}{symbol}{figure}"


@register.filter
def money(amount: Amount, currency: str = "") -> str:
    """For overviews, in the unit that fits: €420, €42k, €12.4m, €688m, £3.3bn."""
    if amount is None or amount == "":
        return dash(gettext("No amount"))
    value = _decimal(amount)
    size = abs(value)
    # The borders lie where rounding would carry into the next unit.
    if size < Decimal("999.5"):
        figure = _written(value, 0)
    elif size < Decimal(999_500):
        figure = _written(value / 1_000, 0 if size >= Decimal(9_950) else 1) + pgettext("thousand", "k")
    elif size < Decimal(999_500_000):
        figure = _written(value / 1_000_000, 0 if size >= Decimal(99_950_000) else 1) + pgettext("million", "m")
    else:
        figure = _written(value / 1_000_000_000, 0 if size >= Decimal(99_950_000_000) else 1) + pgettext(
            "billion", "bn"
        )
    return _with_currency(figure, value < 0 and not _is_zero(value, 0), currency)


@register.filter
def money_full(amount: Amount, currency: str = "") -> str:
    """For decisions and accounts, to the whole unit: €42,000."""
    if amount is None or amount == "":
        return dash(gettext("No amount"))
    value = _decimal(amount)
    return _with_currency(_written(value, 0), value < 0 and not _is_zero(value, 0), currency)


@register.simple_tag
def signed(number: Number | None, unit: str = "", digits: int = 0) -> str:
    """A difference with its sign and unit: +7 mo, −2 mo; nothing moved is 0."""
    if number is None:
        return dash(gettext("No difference known"))
    value = _decimal(number)
    if _is_zero(value, digits):
        return "0"
    figure = f"{'+' if value > 0 else MINUS}{_written(value, digits)}"
    return f"{figure}{NO_BREAK_SPACE}{unit}" if unit else figure


@register.filter
def percent_signed(percent: Amount, digits: int = 1) -> str:
    """A relative difference, given in percent: +5.1%, −2.1%, 0.0%."""
    if percent is None or percent == "":
        return dash(gettext("No difference known"))
    value = _decimal(percent)
    sign = "" if _is_zero(value, digits) else "+" if value > 0 else MINUS
    return f"{sign}{_written(value, digits)}%"


@register.filter
def number(value: Amount, digits: int = 0) -> str:
    """A plain number, grouped, with a real minus sign."""
    if value is None or value == "":
        return dash(gettext("No number"))
    amount = _decimal(value)
    sign = MINUS if amount < 0 and not _is_zero(amount, digits) else ""
    return f"{sign}{_written(amount, digits)}"


def figure_link(value: Any, url: str) -> SafeString:
    """A figure that opens “How was this computed?” in the right panel, or as a page where no script runs."""
    return format_html(
        '<a class="qd-why" href="{}" hx-get="{}" hx-target="#panel" hx-swap="innerHTML" title="{}">{}</a>',
        url,
        url,
        gettext("How was this computed?"),
        value,
    )


@register.simple_tag(name="figure")
def figure(value: Any, url: str = "") -> SafeString | str:
    return figure_link(value, url) if url else format_html("{}", value)


@register.filter
def place_key(icon_name: str) -> str:
    """The letter that follows G on the keyboard, or nothing."""
    return _PLACES.get(icon_name, "")


def _share(value: float) -> str:
    """A share of the width, 0 to 1, as an SVG length; never localised."""
    return f"{min(1.0, max(0.0, value)) * 100:.2f}%"


@register.simple_tag
def bar(share: Number | None, tone: str = "grey") -> SafeString:
    """A small bar, filled to a share of its track between 0 and 1. tone: grey, accent, over or a confidence state."""
    if share is None:
        return mark_safe('<svg class="qd-bar" aria-hidden="true"></svg>')
    return format_html(
        '<svg class="qd-bar" aria-hidden="true"><rect width="100%" height="100%" rx="3" class="qd-fill-track"/>'
        '<rect width="{}" height="100%" rx="3" class="qd-fill-{}"/></svg>',
        _share(float(share)),
        tone,
    )


@register.simple_tag
def segments(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """
    A bar split by confidence with its counts inside, and the same as a list of links for readers and keyboards.

    Each item has state, count, and where it applies word and url. Nothing counted draws an empty track.
    """
    counted = [item for item in items if item["count"]]
    total = sum(item["count"] for item in counted)
    if not total:
        return mark_safe(
            '<svg aria-hidden="true"><rect width="100%" height="100%" rx="2" class="qd-fill-track"/></svg>'
        )
    gap = 0.004
    drawn, listed, start = [], [], 0.0
    for item in counted:
        state, count, url = item["state"], item["count"], item.get("url", "")
        share = count / total
        wide = share >= 0.035
        word = item.get("word") or confidence_word(state)
        shape = format_html(
            '<rect x="{}" width="{}" height="100%" rx="2" class="qd-fill-{}"/>',
            _share(start),
            _share(share - gap),
            state,
        )
        text = (
            format_html(
                '<text x="{}" y="17" class="qd-on-{}">{}</text>',
                _share(start + share / 2 - gap / 2),
                state,
                count,
            )
            if wide
            else ""
        )
        inner = format_html("{}{}", shape, text)
        drawn.append((format_html('<a href="{}" tabindex="-1">{}</a>', url, inner) if url else inner,))
        name = format_html(
            '{}<span>{}</span><span class="{}">{}</span>',
            mark_safe(_SIGNS[state]),
            word,
            "qd-hidden" if wide else "",
            count,
        )
        listed.append((format_html('<a href="{}" class="qd-row">{}</a>', url, name) if url else name,))
        start += share
    return format_html(
        '<svg aria-hidden="true" focusable="false">{}</svg><ul class="qd-legend">{}</ul>',
        format_html_join("", "{}", drawn),
        format_html_join("", "<li>{}</li>", listed),
    )
