"""Shapes of what people send to the pages of projects."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.forms import AmountField
from quarterdeck.core.forms.organisation import FIRST, DayField, Seen, from_day, why
from quarterdeck.core.models import Node, Person
from quarterdeck.core.queries.organisation import organisation
from quarterdeck.projects import queries
from quarterdeck.projects.models import Portfolio, Programme, Project


def _date(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


def _amount(label: Any, **more: Any) -> AmountField:
    return AmountField(label=label, required=False, **more)


def _points(label: Any, highest: int, words: Any) -> forms.TypedChoiceField:
    choices = [("", _("not judged yet")), *((str(n), str(n)) for n in range(highest + 1))]
    return forms.TypedChoiceField(
        label=label, required=False, choices=choices, coerce=int, empty_value=None, help_text=words
    )


class PlaceChoice(forms.ModelChoiceField[Any] if TYPE_CHECKING else forms.ModelChoiceField):  # type: ignore[misc]
    """A portfolio or programme, named by its reference."""

    def __init__(self, **more: Any) -> None:
        super().__init__(to_field_name="node__ref", **more)

    def prepare_value(self, value: Any) -> Any:
        return value.node.ref if hasattr(value, "node") else value


class NewPortfolio(forms.Form):
    """A portfolio begins with a name, a currency and the unit it belongs to."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=FIRST))
    ref = forms.SlugField(
        label=_("Reference"),
        max_length=40,
        help_text=_("Short, for addresses and files, such as IT-2026. Projects are numbered after it."),
    )
    currency = forms.RegexField(
        label=_("Currency"),
        regex=r"^[A-Z]{3}$",
        help_text=_("Amounts of its projects are in this currency."),
        error_messages={"invalid": _("A currency has three capital letters, such as EUR.")},
    )
    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Node.objects.none(), to_field_name="ref", empty_label=None)
    confidential = forms.BooleanField(label=_("Confidential: exists only for people named in it"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        own = organisation()
        kwargs["initial"] = {"currency": own.currency if own else "EUR"} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        units = queries.units_to_hold(actor)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["unit"].initial = units.filter(unit__isnull=True).first()


class NewProgramme(forms.Form):
    """A programme begins with a name and its portfolio."""

    portfolio = PlaceChoice(label=_("Portfolio"), queryset=Portfolio.objects.none(), empty_label=_("choose"))
    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=FIRST))
    ref = forms.SlugField(label=_("Reference"), max_length=40, help_text=_("Short, for addresses and files."))
    confidential = forms.BooleanField(label=_("Confidential: exists only for people named in it"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = queries.portfolios_to_run(actor)  # type: ignore[attr-defined]


class MovePortfolio(Seen):
    """Another unit to belong to."""

    unit = forms.ModelChoiceField(
        label=_("Unit"), queryset=Node.objects.none(), to_field_name="ref", empty_label=_("choose")
    )
    effective_on = from_day()
    reason = why()

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = queries.units_to_hold(actor)  # type: ignore[attr-defined]


class MoveProgramme(Seen):
    """Another portfolio to lie in."""

    portfolio = PlaceChoice(label=_("Portfolio"), queryset=Portfolio.objects.none())
    effective_on = from_day()
    reason = why()

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = queries.portfolios_to_run(actor)  # type: ignore[attr-defined]


class MoveProject(Seen):
    """Another portfolio or programme to lie in, another unit to belong to. runs: whether the reader may move it."""

    place = forms.ChoiceField(label=_("Portfolio or programme"))
    unit = forms.ModelChoiceField(
        label=_("Unit"), queryset=Node.objects.none(), to_field_name="ref", required=False, empty_label=_("as it is")
    )
    effective_on = from_day()
    reason = why()

    def __init__(self, *args: Any, actor: Actor, project: Project, runs: bool, **kwargs: Any) -> None:
        here = project.programme or project.portfolio
        unit = project.node.unit.ref if project.node.unit else ""
        kwargs["initial"] = {"place": _place_key(here), "unit": unit}
        super().__init__(*args, row=project, **kwargs)
        self.fields["unit"].queryset = queries.units_to_choose(actor)  # type: ignore[attr-defined]
        if not runs:
            del self.fields["place"]
            return
        portfolios = list(queries.portfolios_to_add_to(actor))
        programmes = list(queries.programmes_to_add_to(actor))
        self.places: dict[str, Portfolio | Programme] = {
            _place_key(place): place for place in (here, *portfolios, *programmes)
        }
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            (_("As it is"), [(_place_key(here), here.name)]),
            (_("Portfolios"), [(_place_key(each), each.name) for each in portfolios if each != here]),
            (
                _("Programmes"),
                [(_place_key(each), f"{each.name}, {each.portfolio.name}") for each in programmes if each != here],
            ),
        ]

    def clean_place(self) -> Portfolio | Programme:
        """The place behind the choice."""
        return self.places[self.cleaned_data["place"]]


def _place_key(place: Portfolio | Programme) -> str:
    return f"{place.node.kind}/{place.node.ref}"


class NewProject(forms.Form):
    """The least that makes a project."""

    portfolio = PlaceChoice(label=_("Portfolio"), queryset=Portfolio.objects.none(), empty_label=_("choose"))
    name = forms.CharField(label=_("Name"), max_length=300, widget=forms.TextInput(attrs=FIRST))
    unit = forms.ModelChoiceField(
        label=_("Unit"), queryset=Node.objects.none(), required=False, to_field_name="ref", empty_label=_("none yet")
    )
    programme = PlaceChoice(
        label=_("Programme"), queryset=Programme.objects.none(), required=False, empty_label=_("none yet")
    )
    description = forms.CharField(label=_("What it is for"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    forecast_start = _date(_("Start"))
    forecast_finish = _date(_("Finish"))
    approved_budget = _amount(_("Approved budget"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = queries.portfolios_to_add_to(actor)  # type: ignore[attr-defined]
        self.fields["unit"].queryset = queries.units_to_choose(actor)  # type: ignore[attr-defined]
        self.fields["programme"].queryset = queries.programmes_to_add_to(actor)  # type: ignore[attr-defined]
        first = queries.portfolios_to_add_to(actor)[:2]
        if len(first) == 1:
            self.fields["portfolio"].initial = first[0]


class ChangeProject(forms.Form):
    """Every declared fact of a project."""

    name = forms.CharField(label=_("Name"), max_length=300)
    unit = forms.ModelChoiceField(
        label=_("Unit"), queryset=Node.objects.none(), required=False, empty_label=_("none yet")
    )
    category = forms.CharField(label=_("Category"), max_length=120, required=False)
    approach = forms.ChoiceField(
        label=_("Approach"), required=False, choices=[("", _("not said yet")), *Project.Approach.choices]
    )
    stage = forms.ChoiceField(
        label=_("Stage"), required=False, choices=[("", _("not said yet")), *Project.Stage.choices]
    )
    description = forms.CharField(label=_("What it is for"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    baseline_start = _date(_("Baseline start"))
    baseline_finish = _date(_("Baseline finish"))
    forecast_start = _date(_("Forecast start"))
    forecast_finish = _date(_("Forecast finish"))
    actual_start = _date(_("Actual start"))
    actual_finish = _date(_("Actual finish"))
    schedule_note = forms.CharField(
        label=_("About the dates"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    approved_budget = _amount(_("Approved budget"))
    whole_life_cost = _amount(_("Whole-life cost"))
    forecast_cost = _amount(_("Forecast at completion"))
    spent = _amount(_("Spent so far"))
    benefits = _amount(_("Benefits, headline"))
    cost_note = forms.CharField(label=_("About the money"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    confidence = forms.ChoiceField(
        label=_("Declared delivery confidence"),
        required=False,
        choices=[("", _("no data")), *Project.Confidence.choices],
        widget=forms.RadioSelect,
    )
    confidence_note = forms.CharField(
        label=_("Why this confidence"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    narrative = forms.CharField(label=_("Where it stands"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    units_affected = forms.IntegerField(label=_("Units affected"), required=False, min_value=0)
    novelty = _points(_("Technology novelty"), 3, _("0 known to us, 3 new to everybody"))
    criticality = _points(_("Business criticality"), 4, _("0 nobody would notice, 4 the business stops"))
    sensitivity = _points(_("Data or regulatory sensitivity"), 3, _("0 public data, 3 special categories"))
    external_dependency = _points(_("Dependency on outsiders"), 2, _("0 none, 2 on the critical path"))
    experience_gap = _points(_("Experience missing in the team"), 2, _("0 done before, 2 first time"))
    regulatory_critical = forms.NullBooleanField(
        label=_("Regulatory-critical"),
        required=False,
        help_text=_("A regulator sets the date or the outcome: always tier 1."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("Stays in the history beside the change."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = queries.units_to_choose(actor)  # type: ignore[attr-defined]


class NameHolder(forms.Form):
    """Who is sponsor or manager."""

    part = forms.ChoiceField(
        label=_("Role"),
        choices=[("sponsor", _("Sponsor")), ("manager", _("Project manager"))],
        widget=forms.RadioSelect,
    )
    person = forms.ModelChoiceField(
        label=_("Person"), queryset=Person.objects.none(), to_field_name="uid", empty_label=_("choose a person")
    )
    from_on = DayField(label=_("From"), required=False, help_text=_("Empty: from today."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = queries.people_to_name(actor)  # type: ignore[attr-defined]
