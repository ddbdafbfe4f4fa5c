"""Values of facts as JSON and back, exactly: amounts keep their decimals, days stay days, things are their ids."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.forms import Field, ModelChoiceField


def pack(value: Any) -> Any:
    """A value as JSON keeps it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return {"amount": format(value.normalize() + 0, "f")}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Model):
        return {"thing": value.pk}
    raise TypeError(f"A fact cannot hold {type(value).__name__}.")


def unpack(kept: Any, field: Field) -> Any:
    """The value again. A thing is looked for among the choices of the field; None where it is gone from them."""
    if not isinstance(kept, dict):
        return kept
    ((kind, text),) = kept.items()
    if kind == "amount":
        return Decimal(text)
    if kind == "day":
        return date.fromisoformat(text)
    assert isinstance(field, ModelChoiceField)
    queryset = field.queryset
    return None if queryset is None else queryset.filter(pk=text).first()
