"""Shapes of what people send to the pages of imports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import access
from quarterdeck.core.access import Actor
from quarterdeck.exchange import rights
from quarterdeck.exchange.tabular.workbook import MEGABYTE, USUAL
from quarterdeck.projects import queries
from quarterdeck.projects.forms import PlaceChoice
from quarterdeck.projects.models import Portfolio

CURRENCY = r"^[A-Z]{3}$"


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A day, chosen or typed."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


class Upload(forms.Form):
    """A file and where it goes."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, up to 20 MB. One row a project; the names of the columns stand above the rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm"}),
    )
    portfolio = PlaceChoice(
        label=_("Into"), queryset=Portfolio.objects.none(), required=False, empty_label=_("A new portfolio")
    )
    new_name = forms.CharField(label=_("Name of the new portfolio"), max_length=200, required=False)
    new_ref = forms.SlugField(
        label=_("Its reference"),
        max_length=40,
        required=False,
        help_text=_("Short, for addresses and files, such as IT-2026. Projects are numbered after it."),
    )
    new_currency = forms.RegexField(
        label=_("Its currency"),
        regex=CURRENCY,
        required=False,
        help_text=_(
            "Three letters, such as EUR. Left empty, it is taken from the file, otherwise it is your organisation’s."
        ),
        error_messages={"invalid": _("A currency has three capital letters, such as EUR.")},
    )
    as_of = day_field(
        _("The day the register tells of"),
        required=False,
        help_text=_("Left empty, it is taken from the mapping or the name of the file, otherwise it is today."),
    )

    def __init__(self, *args: Any, actor: Actor, may_make: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reached = access.reached(actor, rights.IMPORT_REGISTER)
        own = queries.portfolios_to_add_to(actor).filter(node_id__in=reached)
        choice: Any = self.fields["portfolio"]
        choice.queryset = own
        choice.label_from_instance = lambda portfolio: f"{portfolio.name} ({portfolio.ref}, {portfolio.currency})"
        first = list(own[:2])
        if len(first) == 1:
            choice.initial = first[0]
        if not may_make:
            choice.required, choice.empty_label = True, None
            for name in ("new_name", "new_ref", "new_currency"):
                del self.fields[name]

    def clean_file(self) -> Any:
        """Too large a file is not even read into memory."""
        file = self.cleaned_data["file"]
        if file.size > USUAL.file_bytes:
            sentence = _("The file has %(size)d MB; %(limit)d MB is the most that is read.")
            size = {"size": -(-file.size // MEGABYTE), "limit": USUAL.file_bytes // MEGABYTE}
            raise forms.ValidationError(sentence, params=size)
        return file

    def clean(self) -> dict[str, Any]:
        """Either a portfolio is chosen, or the new one has a name and a reference; never both."""
        data: dict[str, Any] = super().clean() or {}
        typed = [name for name in ("new_name", "new_ref", "new_currency") if data.get(name)]
        if typed and (chosen := data.get("portfolio")):
            sentence = _("%(name)s is chosen above. Choose “A new portfolio” there, or leave this empty.")
            self.add_error(typed[0], forms.ValidationError(sentence, params={"name": chosen.name}))
        if "new_name" in self.fields and not data.get("portfolio") and "portfolio" not in self.errors:
            for name, sentence in (
                ("new_name", _("Give the new portfolio a name, or choose one above.")),
                ("new_ref", _("Give the new portfolio a reference, or choose one above.")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return data


class Place(forms.Form):
    """Where the names of the columns stand."""

    sheet = forms.CharField(required=False, max_length=200)
    header_line = forms.IntegerField(label=_("Line with the names of the columns"), min_value=1, max_value=1_048_576)
