"""Every way a file can be refused, each with the sentence a person reads."""

from typing import ClassVar


class ReadError(Exception):
    """
    The file is not read; nothing of it is kept.

    `code` is stable and goes over the pipe of the reading process; `sentence` is the text with its gaps, so that a
    page can translate it before the `details` are filled in; `message` is the filled sentence in English.
    """

    code: ClassVar[str] = "unreadable"
    sentence: ClassVar[str] = "The file cannot be read. Open it in a spreadsheet program and save it as XLSX."

    def __init__(self, **details: str | int) -> None:
        self.details = details
        super().__init__(self.message)

    @property
    def message(self) -> str:
        return self.sentence.format(**self.details)


class Unreadable(ReadError):
    """The reader failed in a way nobody foresaw; the file is at fault, not the person."""


class FileMissing(ReadError):
    code = "file_missing"
    sentence = "The file is no longer there. Upload it again."


class FileTooLarge(ReadError):
    code = "file_too_large"
    sentence = "The file has {size} MB; {limit} MB is the most that is read. Save only the sheet with the projects."


class EmptyFile(ReadError):
    code = "empty_file"
    sentence = "The file is empty."


class NotASpreadsheet(ReadError):
    code = "not_a_spreadsheet"
    sentence = "This is {what}, not a table. Save the register as XLSX or CSV and upload that file."


class OldExcel(ReadError):
    code = "old_excel"
    sentence = "This is the Excel format of before 2007. Open it in Excel, save as XLSX and upload that file."


class OtherSpreadsheet(ReadError):
    code = "other_spreadsheet"
    sentence = "This is {what}. Open it where it was made, save as XLSX and upload that file."


class PasswordProtected(ReadError):
    code = "password_protected"
    sentence = "The file is protected with a password. Remove the password, save as XLSX and upload that file."


class Damaged(ReadError):
    code = "damaged"
    sentence = "The file is damaged or incomplete. Open it in a spreadsheet program and save it as XLSX again."


class DeclaresEntities(ReadError):
    code = "declares_entities"
    sentence = "The file contains declarations that no spreadsheet program writes, so it is not opened."


class NullCharacters(ReadError):
    code = "null_characters"
    sentence = "Line {line} holds characters that no text file holds. Export the register again as CSV or XLSX."


class UnpacksTooLarge(ReadError):
    code = "unpacks_too_large"
    sentence = "Unpacked, the file would be far larger than a register of projects, so it is not opened."


class TooManyParts(ReadError):
    code = "too_many_parts"
    sentence = "The file consists of more than {limit} parts. Copy the sheet with the projects into a new file."


class TooManyRows(ReadError):
    code = "too_many_rows"
    sentence = "The table has more than {limit} rows. Keep the rows of projects and remove the others."


class TooManyColumns(ReadError):
    code = "too_many_columns"
    sentence = "Line {line} has more than {limit} columns. Keep the columns that describe projects."


class TooManyCells(ReadError):
    code = "too_many_cells"
    sentence = "The file has more than {limit} filled cells. Keep the sheet with the projects and remove the others."


class CellTooLarge(ReadError):
    code = "cell_too_large"
    sentence = "Line {line} has a cell of more than {limit} characters. Shorten it and upload the file again."


class QuoteNotClosed(ReadError):
    code = "quote_not_closed"
    sentence = "A quotation mark opens in line {line} and never closes, so everything after it is one cell."


class NoRows(ReadError):
    code = "no_rows"
    sentence = "The file has no rows."


class NoTable(ReadError):
    code = "no_table"
    sentence = "No row with column names and rows below it was found. Choose the sheet and the line of the names."


class NoSuchSheet(ReadError):
    code = "no_such_sheet"
    sentence = 'The file has no sheet "{sheet}".'


class TookTooLong(ReadError):
    code = "took_too_long"
    sentence = (
        "Reading took longer than {limit} seconds and was ended. Copy the sheet with the projects into a new file."
    )


class TooMuchMemory(ReadError):
    code = "too_much_memory"
    sentence = "The file needs more memory than reading may use. Copy the sheet with the projects into a new file."


class ReaderStopped(ReadError):
    code = "reader_stopped"
    sentence = "The program that reads files stopped in the middle of this one. Save the register as XLSX and try that."


def from_code(code: str, details: dict[str, str | int]) -> ReadError:
    """The error a reading process reported; an unknown code means that the process is not to be trusted."""
    for kind in ReadError.__subclasses__():
        if kind.code == code:
            return kind(**details)
    return ReaderStopped()
