"""Fields that domains share."""

import re
from typing import Any

from django import forms
from django.utils.formats import get_format
from django.utils.translation import gettext_lazy as _


class AmountField(forms.DecimalField):
    """
    An amount as the reader writes numbers: 12500000, 12,500,000 or 12 500 000.00.

    A text field: a number field of a browser empties itself when its digits are grouped.
    """

    default_error_messages = {"invalid": _("An amount is written with digits, such as %(example)s.")}

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-qd-money": "2"})
        super().__init__(max_digits=18, decimal_places=2, widget=widget, **more)

    def to_python(self, value: Any) -> Any:
        group, point = str(get_format("THOUSAND_SEPARATOR")), str(get_format("DECIMAL_SEPARATOR"))
        text = re.sub(r"[\s\u00a0\u202f]", "", str(value if value is not None else "")).replace("\u2212", "-")
        grouped = re.fullmatch(rf"(-?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+)({re.escape(point)}\d+)?", text)
        plain = re.fullmatch(rf"(-?\d+)((?:{re.escape(point)}|\.)\d+)?", text)
        found = grouped or plain
        if text and found is None:
            example = f"12{group}500{group}000"
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"example": example})
        if found is not None:
            text = found[1].replace(group, "") + (found[2] or "").replace(point, ".")
        return super().to_python(text)
