"""What the tags and filters of every page write."""

from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import timezone, translation

from quarterdeck.core.templatetags import qd


def rendered(source: str, **context: Any) -> str:
    engine = Engine(builtins=["quarterdeck.core.templatetags.qd"])
    return engine.from_string(source).render(Context(context))


class Words(HTMLParser):
    """What a screen reader reads: text outside aria-hidden, and the labels of pictures."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.hidden: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.hidden.append(given.get("aria-hidden") == "true" or given.get("role") == "img")
        if given.get("role") == "img":
            self.heard.append(given.get("aria-label") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.hidden) and data.strip():
            self.heard.append(data.strip())


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en-gb"), timezone.override("UTC"):
        yield


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal(12400000), "EUR", "€12.4m"),
        (Decimal(688000000), "EUR", "€688m"),
        (Decimal(3330000000), "GBP", "£3.3bn"),
        (Decimal(0), "EUR", "€0"),
        (Decimal("420.40"), "EUR", "€420"),
        (Decimal(4200), "EUR", "€4.2k"),
        (Decimal(42000), "EUR", "€42k"),
        (Decimal(999499), "EUR", "€999k"),
        (Decimal(999500), "EUR", "€1.0m"),
        (Decimal(99949999), "EUR", "€99.9m"),
        (Decimal(99950000), "EUR", "€100m"),
        (Decimal(999500000), "EUR", "€1.0bn"),
        (Decimal(1234000000000), "USD", "$1,234bn"),
        (Decimal(-2100000), "EUR", "−€2.1m"),
        (Decimal("-0.3"), "EUR", "€0"),
        (12_400_000, "CHF", "CHF\u00a012.4m"),
        (1_500_000, "SEK", "SEK\u00a01.5m"),
        (1_500_000, "", "1.5m"),
    ],
)
def test_an_overview_shows_an_amount_in_the_unit_that_fits(amount: Any, currency: str, shown: str) -> None:
    assert qd.money(amount, currency) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("42000", "€42,000"), ("1234567.50", "€1,234,568"), ("-72000", "−€72,000"), ("0", "€0")],
)
def test_a_decision_shows_an_amount_to_the_whole_unit(amount: str, shown: str) -> None:
    assert qd.money_full(Decimal(amount), "EUR") == shown


def test_amounts_are_grouped_as_the_reader_groups() -> None:
    with translation.override("de"):
        assert qd.money_full(Decimal(42000), "EUR") == "€42.000"
        assert qd.money(Decimal(12_400_000), "EUR") == "€12,4m"


@pytest.mark.parametrize(
    ("number", "unit", "digits", "shown"),
    [
        (7, "mo", 0, "+7\u00a0mo"),
        (-2, "mo", 0, "−2\u00a0mo"),
        (0, "mo", 0, "0"),
        (Decimal("0.4"), "mo", 0, "0"),
        (Decimal("-8.75"), "", 1, "−8.8"),
        (1234, "d", 0, "+1,234\u00a0d"),
    ],
)
def test_a_difference_carries_its_sign_and_unit(number: Any, unit: str, digits: int, shown: str) -> None:
    assert qd.signed(number, unit, digits) == shown


@pytest.mark.parametrize(
    ("percent", "shown"), [(5.1, "+5.1%"), (Decimal("-2.14"), "−2.1%"), (0, "0.0%"), (0.04, "0.0%"), (18.45, "+18.5%")]
)
def test_a_relative_difference_carries_its_sign(percent: Any, shown: str) -> None:
    assert qd.percent_signed(percent) == shown


def test_a_number_is_grouped_and_its_minus_is_a_minus() -> None:
    assert qd.number(2494) == "2,494"
    assert qd.number(Decimal("-0.89"), 2) == "−0.89"


def test_days_months_and_moments_are_written_one_way() -> None:
    assert qd.day(date(2026, 11, 6)) == "6 Nov 2026"
    assert qd.month(date(2026, 11, 6)) == "Nov 2026"
    assert qd.day(date(2026, 9, 30)) == "30 Sep 2026"
    assert qd.moment(datetime(2026, 11, 23, 8, 2, tzinfo=UTC)) == "23 Nov 2026, 08:02"


def test_a_moment_is_shown_in_the_time_zone_of_the_reader() -> None:
    with timezone.override("Europe/Berlin"):
        assert qd.moment(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == "24 Nov 2026, 00:30"
        assert qd.day(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == "24 Nov 2026"


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (qd.day(None), "No date"),
        (qd.month(None), "No date"),
        (qd.money(None, "EUR"), "No amount"),
        (qd.money_full("", "EUR"), "No amount"),
        (qd.signed(None, "mo"), "No difference known"),
        (qd.percent_signed(None), "No difference known"),
        (qd.number(None), "No number"),
    ],
)
def test_what_is_not_known_is_a_dash_that_says_why(shown: str, reason: str) -> None:
    assert Words(shown).heard == [reason]
    assert 'tabindex="0"' in shown


@pytest.mark.parametrize("state", ["G", "AG", "A", "AR", "R", "N"])
def test_a_confidence_is_heard_as_its_word_in_both_forms(state: str) -> None:
    word = qd.confidence_word(state)

    assert Words(qd.confidence_mark(state)).heard == [word]
    assert Words(qd.confidence_mark(state, short=True)).heard == [word]
    assert Words(qd.confidence_sign(state)).heard == [word]


def test_the_short_form_of_a_confidence_shows_letters() -> None:
    assert '<span aria-hidden="true">AR</span>' in qd.confidence_mark("AR", short=True)
    assert '<span aria-hidden="true">–</span>' in qd.confidence_mark("N", short=True)


def test_every_confidence_has_a_shape_of_its_own() -> None:
    shapes = {qd.confidence_mark(state).split("</svg>")[0].split("aria-hidden")[1] for state in qd.CONFIDENCE_WORDS}

    assert len(shapes) == 6


@pytest.mark.parametrize("state", [None, "", "X", "green"])
def test_a_confidence_nobody_knows_is_no_data(state: str | None) -> None:
    assert qd.confidence_mark(state) == qd.confidence_mark("N")


def test_a_dash_escapes_its_reason() -> None:
    assert "&lt;b&gt;" in qd.dash("<b>")
    assert "<b>" not in qd.dash("<b>")


def test_a_figure_opens_its_derivation_in_the_panel() -> None:
    html = rendered("{% figure value url %}", value="39 of 60", url="/why?a=1&b=2")

    assert 'href="/why?a=1&amp;b=2"' in html
    assert 'hx-get="/why?a=1&amp;b=2" hx-target="#panel"' in html
    assert ">39 of 60</a>" in html


def test_a_figure_keeps_a_safe_value_and_escapes_any_other() -> None:
    assert "&lt;i&gt;" in rendered("{% figure value url %}", value="<i>", url="/why")
    assert 'class="qd-dash"' in rendered("{% figure value url %}", value=qd.dash("No plan"), url="/why")


def test_a_figure_without_an_address_is_plain() -> None:
    assert rendered("{% figure 60 %}") == "60"


def test_an_icon_is_decoration_from_the_sprite(settings: Any) -> None:
    settings.STATIC_URL = "/static/"

    html = rendered('{% icon "gavel" "small" %}')

    assert 'href="/static/quarterdeck/icons.svg#gavel"' in html
    assert 'aria-hidden="true"' in html
    assert "qd-icon-small" in html


def test_a_split_bar_gives_each_state_its_share_and_says_it_in_a_list() -> None:
    html = qd.segments(
        [{"state": "G", "count": 30, "url": "/g"}, {"state": "A", "count": 10}, {"state": "R", "count": 0}]
    )

    assert 'x="0.00%" width="74.60%"' in html
    assert 'x="75.00%" width="24.60%"' in html
    assert Words(html).heard == ["Green", "30", "Amber", "10"]
    assert html.count('href="/g"') == 2
    assert "qd-fill-R" not in html


def test_widths_of_a_split_bar_keep_their_point_in_every_language() -> None:
    with translation.override("de"):
        assert 'width="49.60%"' in qd.segments([{"state": "G", "count": 1}, {"state": "R", "count": 1}])


def test_a_count_too_narrow_for_its_number_stands_in_the_list() -> None:
    html = qd.segments([{"state": "G", "count": 99}, {"state": "R", "count": 1}])

    assert '<span class="">1</span>' in html
    assert '<span class="qd-hidden">99</span>' in html


def test_a_split_bar_of_nothing_is_an_empty_track() -> None:
    assert "qd-fill-track" in qd.segments([{"state": "G", "count": 0}])


@pytest.mark.parametrize(
    ("share", "width"), [(0.41, "41.00%"), (1.7, "100.00%"), (-1, "0.00%"), (Decimal("0.5"), "50.00%")]
)
def test_a_small_bar_fills_its_share_and_never_more(share: Any, width: str) -> None:
    assert f'<rect width="{width}" height="100%" rx="3" class="qd-fill-over"/>' in qd.bar(share, "over")


def test_a_bar_without_a_share_draws_nothing() -> None:
    assert "rect" not in qd.bar(None)


def test_places_of_the_keyboard_follow_the_icons() -> None:
    assert [qd.place_key(name) for name in ("inbox", "layout-dashboard", "folders", "gavel", "coins")] == [
        "m",
        "p",
        "r",
        "d",
        "",
    ]


def job(**facts: Any) -> dict[str, Any]:
    return {
        "label": "Reading rows",
        "done": 1480,
        "total": 2494,
        "state": "running",
        "message": "",
        "url": "/jobs/7/",
        **facts,
    }


@pytest.mark.parametrize("state", ["waiting", "running"])
def test_a_job_at_work_asks_itself_again(state: str) -> None:
    html = render_to_string("core/_job.html", {"job": job(state=state)})

    assert 'hx-get="/jobs/7/" hx-trigger="load delay:1s"' in html
    assert 'max="2494" value="1480"' in html
    assert "1,480 of 2,494" in html


@pytest.mark.parametrize("state", ["done", "failed"])
def test_a_job_at_its_end_stops_asking_and_is_announced(state: str) -> None:
    html = render_to_string("core/_job.html", {"job": job(state=state, message="58 rows imported.")})

    assert "hx-get" not in html
    assert 'data-qd-say="Reading rows: 58 rows imported."' in html


class Finish(forms.Form):
    finish = forms.DateField(help_text="As the plan has it.")
    reason = forms.CharField(required=False)
    outcome = forms.ChoiceField(choices=[("pass", "Pass"), ("hold", "Hold")], widget=forms.RadioSelect)


def test_an_error_stands_beside_its_field_and_in_the_summary() -> None:
    html = render_to_string("core/_form.html", {"form": Finish({"finish": "31 Feb 2027", "outcome": "pass"})})

    assert '<li><a href="#id_finish">Finish</a>: Enter a valid date.</li>' in html
    assert 'aria-describedby="id_finish_helptext id_finish_error"' in html
    assert 'id="id_finish_helptext"' in html
    assert 'id="id_finish_error"' in html
    assert 'aria-invalid="true"' in html


def test_optional_is_said_and_required_is_normal() -> None:
    html = render_to_string("core/_form.html", {"form": Finish()})

    assert html.count("qd-optional") == 1
    assert "<legend>Outcome</legend>" in html
    assert "qd-summary" not in html


def test_a_derivation_shows_its_inputs_with_their_shares() -> None:
    derivation = {
        "title": "Computed confidence",
        "result": "Amber/Red, 47 of 100",
        "state": "AR",
        "rule": "Nine signals, each with a weight.",
        "inputs": [
            {"label": "Cost", "value": "6.2/15", "share": 0.41, "tone": "over"},
            {"label": "Unit", "value": "CD", "share": None},
        ],
        "at": datetime(2026, 11, 23, 8, 2, tzinfo=UTC),
    }

    html = render_to_string("core/_derivation.html", {"derivation": derivation})

    assert 'width="41.00%"' in html
    assert "Computed 23 Nov 2026, 08:02." in html
    assert "data-qd-close-panel" in html
