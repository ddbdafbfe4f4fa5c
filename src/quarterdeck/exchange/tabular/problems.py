"""What is wrong with a row, a cell or the file, in sentences that say what was done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How far a problem reaches: the row is refused, one cell is unusable or doubtful, or the file as a whole."""

    ROW = "row"
    CELL = "cell"
    FILE = "file"


# Gaps in braces are filled from the details of a problem, so that a page can translate the sentence first.
SENTENCES: dict[str, str] = {
    # Rows that are refused.
    "no_id": "The row has no id. It is not imported.",
    "no_name": "The row has no name. It is not imported.",
    "total_row": "The row is a total, not a project. It is not imported.",
    "header_again": "The row repeats the names of the columns. It is not imported.",
    "same_id": 'The id "{id}" stands in lines {lines}. None of them is imported, because nothing says which is right.',
    # Rows that are doubtful.
    "too_many_cells": "The row has {count} cells, the header {expected}. What is beyond column {letter} is not read.",
    # Cells that are unusable: the field stays empty.
    "no_such_day": "{day} does not exist. The {noun} is left empty.",
    "no_such_date": '"{text}" is no day of the calendar. The {noun} is left empty.',
    "far_year": "The year {year} is outside 1950 to 2150. The {noun} is left empty.",
    "not_a_date": '"{text}" is not a date. The {noun} is left empty.',
    "not_money": '"{text}" is not an amount. The {noun} is left empty.',
    "decimal_comma": '"{text}" looks like an amount with a decimal comma, which this mapping does not expect. '
    "The {noun} is left empty.",
    "decimal_point": '"{text}" looks like an amount with a decimal point, while this mapping expects a comma. '
    "The {noun} is left empty.",
    "percentage": '"{text}" is a percentage, not an amount. The {noun} is left empty.',
    "too_much_money": '"{text}" is more than any project costs. The {noun} is left empty.',
    "not_a_rating": '"{text}" is not a rating this mapping knows. The {noun} is left empty.',
    "not_a_tier": '"{text}" is not a tier from 1 to 4. The {noun} is left empty.',
    "not_yes_or_no": '"{text}" is neither yes nor no. The project is treated as confidential.',
    "not_an_address": '"{text}" is not an e-mail address. The {noun} is left empty.',
    "sentence": 'The cell holds a sentence: "{text}" The {noun} stays unknown with this reason.',
    "spreadsheet_error": "The cell holds the error {text}. The {noun} is left empty.",
    "too_long": "The text has {count} characters, {limit} is the most for the {noun}. It is left empty.",
    # Cells that are doubtful: the value is kept.
    "start_after_finish": "The start, {start}, is later than the finish, {finish}. Both are kept as written.",
    "in_the_future": "The {noun}, {date}, is later than the date of the register, {as_of}. It is kept as written.",
    "negative": "The {noun} is negative. It is kept as written.",
    "unit_slip": "The {noun} is {times} times the middle value of this column, so it is probably in {small}, not in "
    "{unit}. It is kept as written.",
    "far_above": "The {noun} is {times} times the middle value of this column. It is kept as written.",
    "other_currency": "The amount is in {currency}, the register in {expected}. It is kept in {currency}.",
    "excel_day": "{text} is read as the day number of a spreadsheet: {date}.",
    # Rows and cells that read well but do not fit what is there already.
    "name_too_long": "The name has {count} characters, {limit} is the most. The row is not imported.",
    "no_access": "The row concerns something you have no access to. It is not imported.",
    "confidential_row": "The row is marked as confidential. Only who manages the portfolio brings such a row in, so it "
    "is not imported.",
    "stays_confidential": "The project is confidential and stays so. Opening it is a decision on its page.",
    "unknown_unit": 'There is no unit "{text}", and you may not make one. The {noun} stays as it is.',
    "unknown_programme": 'The portfolio has no programme "{text}", and you may not make one. The {noun} stays as it '
    "is.",
    "not_a_choice": '"{text}" is none of: {choices}. The {noun} is left empty.',
    "wrong_currency": "The amount is in {currency}, the portfolio in {expected}. The {noun} is left empty.",
    "actual_dates": "The actual finish, {finish}, lies before the actual start, {start}. What the file says of them is "
    "not used.",
    "may_not_name": "You may not name people here. The {noun} stays with the row and is not used.",
    "several_people": 'Several people are called "{text}". The {noun} stays with the row; an e-mail address would tell '
    "them apart.",
    "same_person": "Sponsor and manager of a project are two people. The {noun} stays with the row and is not used.",
    "named_since": "Somebody was named after the day of the register and stays {noun}.",
    # The file.
    "older_file": "The register is older than the snapshot of {day}. It adds to the past: today's values stay, and no "
    "project is marked as left.",
    "changed_since": "After {day} somebody changed {count} of these projects: {refs}. The file adds to their past; "
    "what is known today stays.",
    "no_column": 'The file has no column for the {noun}; it was looked for as "{names}".',
    "no_required_column": "No column holds the {noun}, so no row can be imported. Choose one.",
    "two_date_forms": "The column writes dates in {count} forms: {forms}. Each is read in its own.",
    "day_or_month_first": "Nothing in the column shows whether 03/04 is 3 April or March 4. It is read {order} first.",
    "both_orders": "{day_first} dates of the column can only have the day first, {month_first} only the month. "
    "Those that could be either are read {order} first.",
    "no_currency": "Nothing says which currency the amounts are in.",
    "same_column_name": 'Columns {letters} have the same name "{name}". The later ones are called {others}.',
}


DOUBTFUL = frozenset(
    [
        "start_after_finish",
        "in_the_future",
        "negative",
        "unit_slip",
        "far_above",
        "other_currency",
        "excel_day",
        "not_yes_or_no",
    ]
)


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing to look at. `line` is 0 and `column_letter` empty where it concerns the whole file.

    `as_written` is the cell untouched. `details` fill the gaps of the sentence.
    """

    line: int
    column_letter: str
    column: str
    level: Level
    code: str
    details: Mapping[str, str] = field(default_factory=dict)
    as_written: str = ""

    @property
    def value_is_kept(self) -> bool:
        """Whether the cell is doubtful only, so that its value is there to be imported."""
        return self.code in DOUBTFUL

    @property
    def message(self) -> str:
        return SENTENCES[self.code].format(**self.details)


EXCERPT = 120


def excerpt(text: str) -> str:
    """A cell shortened for a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1].rstrip()}…"
