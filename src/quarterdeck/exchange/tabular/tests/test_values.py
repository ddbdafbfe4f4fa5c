"""What single cells mean."""

import datetime as dt
from decimal import Decimal

import pytest

from quarterdeck.exchange.tabular.names import forms, letter, normal
from quarterdeck.exchange.tabular.values.dates import Day, Orders, orders, read_date
from quarterdeck.exchange.tabular.values.money import Amount, currency_of, read_money, scale_of
from quarterdeck.exchange.tabular.values.unusable import Unusable
from quarterdeck.exchange.tabular.values.words import (
    NO_VALUE,
    is_no_value,
    is_sentence,
    no_value_words,
    read_address,
    read_flag,
    read_rating,
    read_tier,
)

LAST_OF_MARCH = dt.date(2026, 3, 31)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31", "2026/3/31", "31/03/2026", "31.03.2026", "31.3.26", "31-03-2026", "31-Mar-26", "31 Mar 2026",
        "31st March 2026", "31. März 2026", "March 31, 2026", "Tue 31 Mar 2026", "20260331", "2026-03-31 17:00:00",
        "2026-03-31T17:00:00Z", "31/03/2026 5:00:00 PM", " 31/03/2026 ", "46112",
    ],
)  # fmt: skip
def test_one_day_is_written_in_many_forms(text: str) -> None:
    found = read_date(text)

    assert isinstance(found, Day)
    assert (found.first, found.last, found.precision) == (LAST_OF_MARCH, LAST_OF_MARCH, "day")


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("Feb 2028", "month", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        ("Feb-28", "month", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        ("2028-02", "month", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        ("02/2028", "month", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        ("Dezember 2026", "month", dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
        ("Q4 2026", "quarter", dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
        ("2026 Q1", "quarter", dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        ("2027", "year", dt.date(2027, 1, 1), dt.date(2027, 12, 31)),
    ],
)
def test_a_date_without_a_day_covers_its_period(text: str, precision: str, first: dt.date, last: dt.date) -> None:
    found = read_date(text)

    assert isinstance(found, Day)
    assert (found.precision, found.first, found.last) == (precision, first, last)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31/02/2025", "no_such_day"), ("29.02.2025", "no_such_day"), ("2012-30-09", "no_such_date"),
        ("31/13/2026", "no_such_date"), ("0/1/2026", "no_such_date"), ("13/2026", "no_such_date"),
        ("01/01/1899", "far_year"), ("2999-12-31", "far_year"), ("0202", "far_year"),
        ("soon", "not_a_date"), ("31 Foo 2026", "not_a_date"), ("12", "not_a_date"), ("1" * 5000, "not_a_date"),
    ],
)  # fmt: skip
def test_what_is_no_day_says_why(text: str, code: str) -> None:
    found = read_date(text)

    assert isinstance(found, Unusable)
    assert found.code == code


def test_the_same_digits_are_two_days_by_order() -> None:
    day_first, month_first = read_date("03/04/2026"), read_date("03/04/2026", month_first=True)

    assert isinstance(day_first, Day)
    assert isinstance(month_first, Day)
    assert (day_first.first, month_first.first) == (dt.date(2026, 4, 3), dt.date(2026, 3, 4))


def test_dates_with_dots_have_the_day_first_whatever_the_order() -> None:
    found = read_date("03.04.2026", month_first=True)

    assert isinstance(found, Day)
    assert found.first == dt.date(2026, 4, 3)


def test_orders_are_counted_by_what_each_date_can_be() -> None:
    assert orders(["31/01/2026", "01/31/2026", "02/03/2026", "04/04/2026", "31.01.2026", "x"]) == Orders(1, 1, 1)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("£3,330", "3330", "GBP"), ("34", "34", ""), ("4.30", "4.3", ""), ("-30.69", "-30.69", ""), ("−5", "-5", ""),
        ("(3.2)", "-3.2", ""), ("(£3.2m)", "-3200000", "GBP"), ("5-", "-5", ""), ("£-5", "-5", "GBP"),
        ("-£5", "-5", "GBP"), ("€ 5k", "5000", "EUR"), ("1,5 Mio", None, ""), ("$1.2bn", "1200000000", "USD"),
        ("A$5", "5", "AUD"), ("5 CHF", "5", "CHF"), ("1'234.50", "1234.5", ""), ("1 234 567", "1234567", ""),
        ("1\u00a0234", "1234", ""), ("1E+6", "1000000", ""), (".5", "0.5", ""), ("1.", "1", ""), ("0", "0", ""),
        ("1122486.9599999997", "1122486.9599999997", ""), ("5%", None, ""), ("12,34", None, ""), ("1.2.3", None, ""),
        ("", None, ""), ("abc", None, ""), ("£", None, ""), ("5 mıo", None, ""), ("1e99", None, ""), ("9" * 29,
        None, ""),
    ],
)  # fmt: skip
def test_amounts_are_exact(text: str, value: str | None, currency: str) -> None:
    found = read_money(text)

    if value is None:
        assert isinstance(found, Unusable)
    else:
        assert found == Amount(Decimal(value), currency)


def test_the_unit_of_the_column_applies_unless_the_cell_has_its_own() -> None:
    assert read_money("34", scale="million") == Amount(Decimal(34_000_000), "")
    assert read_money("34k", scale="million") == Amount(Decimal(34_000), "")
    assert str(read_money("4.3", scale="million").value) == "4300000"  # type: ignore[union-attr]


def test_decimal_commas_are_read_only_when_expected() -> None:
    assert read_money("1.234,56", decimal_comma=True) == Amount(Decimal("1234.56"), "")
    assert read_money("3,5 Mio. €", decimal_comma=True) == Amount(Decimal(3_500_000), "EUR")
    assert read_money("1.234,56") == Unusable("decimal_comma", {"text": "1.234,56"})
    assert read_money("1,234.56", decimal_comma=True) == Unusable("decimal_point", {"text": "1,234.56"})


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("TOTAL Whole Life Costs (£m) (including others)", "million"), ("Planned Cost ($ M)", "million"),
        ("Budget ($m)*", "million"), ("Total budget (millions)", "million"), ("Kosten (Mio. EUR)", "million"),
        ("Budget [EUR m]", "million"), ("Budget in T€", "thousand"), ("Budget TEUR", "thousand"),
        ("Spend (£000s)", "thousand"), ("Cost ('000)", "thousand"), ("Cost £bn", "billion"),
        ("Budget", "one"), ("Cost for the team", "one"), ("Budget (€)", "one"),
    ],
)  # fmt: skip
def test_a_header_names_its_unit(header: str, scale: str) -> None:
    assert scale_of(header) == scale


def test_a_bare_dollar_is_that_of_the_register() -> None:
    assert currency_of("Budget ($m)", "AUD") == "AUD"
    assert currency_of("Budget ($m)", "EUR") == "USD"
    assert currency_of("Budget (£m)", "EUR") == "GBP"
    assert currency_of("Kosten (Mio. EUR)", "") == "EUR"
    assert currency_of("European budget", "CHF") == "CHF"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Green", "G"), ("GREEN ", "G"), ("Amber/Green", "AG"), ("amber - green", "AG"), ("Amber", "A"),
        ("Yellow", "A"),
        ("Amber/Red", "AR"), ("Red", "R"), ("High", "G"), ("Medium-High", "AG"), ("Medium High", "AG"), ("Medium", "A"),
        ("Medium-Low", "AR"), ("Low", "R"), ("gelb/rot", "AR"), ("grün", "G"), ("🔴", "R"), ("Amber (improving)", "A"),
        ("ag", "AG"),
    ],
)  # fmt: skip
def test_ratings_of_three_and_five_steps_share_one_scale(text: str, code: str) -> None:
    assert read_rating(text) == code


def test_tiers_flags_and_addresses() -> None:
    assert [read_tier(text) for text in ("Tier 2", "2", "2.0", "III", "T1")] == [2, 2, 2, 3, 1]
    assert read_tier("5") == Unusable("not_a_tier", {"text": "5"})
    assert read_tier("ıv") == Unusable("not_a_tier", {"text": "ıv"})
    assert [read_flag(text) for text in ("Yes", "ja", "x", "TRUE", "No", "nein", "0")] == [True] * 4 + [False] * 3
    assert read_address("Ann Lee <ann@example.org>") == "ann@example.org"
    assert read_address("ann at example") == Unusable("not_an_address", {"text": "ann at example"})


@pytest.mark.parametrize("text", ["", " ", "NA", "n/a", "-", "Not reported", "Inf", "TBC", "None", "keine Angabe"])
def test_many_words_mean_that_nothing_is_given(text: str) -> None:
    assert is_no_value(text, no_value_words(NO_VALUE))


def test_a_sentence_is_told_from_a_mistyped_value() -> None:
    assert is_sentence("Exempt under Section 43 of the Freedom of Information Act 2000")
    assert not is_sentence("31 Febr 2025")
    assert not is_sentence("Ongoing")


def test_headers_answer_under_several_forms() -> None:
    assert normal("Project - Start  Date") == "project start date"
    assert forms("End Date \n(Latest Approved)") == ("end date latest approved", "end date")
    assert [letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
