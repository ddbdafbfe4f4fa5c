"""
Shapes of what is sent and answered.

What is sent is strict: a field that does not exist, a number where a text belongs or a date that is none is refused,
so that nobody sets what they were not asked for. Amounts are texts, since numbers of JSON lose cents.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

AMOUNT = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"
NO_NUL = "^[^\\x00]*$"


class Sent(BaseModel):
    """A body: the fields that are named, each of its own kind, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _choosable(schema: dict[str, Any]) -> None:
    """Who asks for some fields gets those alone, so none is promised."""
    schema.pop("required", None)


class Given(BaseModel):
    """A part of an answer. It describes; answers are plain data and are not checked again."""

    model_config = ConfigDict(json_schema_extra=_choosable)


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise PydanticCustomError("day", "A day is written as 2026-09-30.")
        try:
            return date.fromisoformat(value)
        except ValueError as fault:
            raise PydanticCustomError("day", "That day does not exist.") from fault
    return value


def _amount(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(AMOUNT, value):
            raise PydanticCustomError("amount", "An amount is a text such as “1250000.50”.")
        try:
            return Decimal(value)
        except InvalidOperation as fault:  # pragma: no cover - the pattern leaves none
            raise PydanticCustomError("amount", "An amount is a text such as “1250000.50”.") from fault
    raise PydanticCustomError("amount", "An amount is a text such as “1250000.50”.")


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "This is needed.")
    return value


Words = Annotated[str, StringConstraints(pattern=NO_NUL)]
Line = Annotated[str, StringConstraints(min_length=1, pattern=NO_NUL), AfterValidator(_not_blank)]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Amount = Annotated[Decimal, BeforeValidator(_amount), WithJsonSchema({"type": "string", "pattern": AMOUNT})]
Name = Annotated[Line, Field(max_length=200)]
Ref = Annotated[Line, Field(max_length=40)]
Reason = Annotated[Words, Field(max_length=300)]
Address = Annotated[Words, Field(max_length=254)]
# In answers, which are texts already.
DayText = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
UidText = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
AmountText = Annotated[str, WithJsonSchema({"type": "string", "pattern": AMOUNT})]
Uid = Annotated[Words, Field(max_length=36, json_schema_extra={"format": "uuid"})]
