"""Shapes of what people send about the organisation."""

from django import forms
from django.utils.translation import gettext_lazy as _


class Organisation(forms.Form):
    """What the organisation is called and reports in."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    currency = forms.RegexField(
        label=_("Reporting currency"),
        regex=r"^[A-Z]{3}$",
        help_text=_("Three letters, such as EUR, GBP or USD."),
        error_messages={"invalid": _("A currency has three capital letters, such as EUR.")},
    )
