"""Shapes of what people send about the organisation: units, people, roles and who holds them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django import forms
from django.apps import apps
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quarterdeck.core import rights
from quarterdeck.core.errors import Conflict
from quarterdeck.core.history import Governed
from quarterdeck.core.models import Node, Role
from quarterdeck.core.queries.organisation import Branch
from quarterdeck.core.rights import Right


class Organisation(forms.Form):
    """What the organisation is called and reports in."""

    name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    currency = forms.RegexField(
        label=_("Reporting currency"),
        regex=r"^[A-Z]{3}$",
        help_text=_("Three letters, such as EUR, GBP or USD."),
        error_messages={"invalid": _("A currency has three capital letters, such as EUR.")},
    )


class DayField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **more: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **more)


def from_day() -> DayField:
    """From which day a change holds."""
    return DayField(
        label=_("From"),
        required=False,
        help_text=_("Empty: from today. An earlier day corrects what was so, back to the last change."),
    )


def why() -> forms.CharField:
    """Why something is done; it stays beside the change."""
    return forms.CharField(
        label=_("Reason"), required=False, max_length=300, help_text=_("Stays in the history beside the change.")
    )


class UnitField(forms.ModelChoiceField[Node] if TYPE_CHECKING else forms.ModelChoiceField):  # type: ignore[misc]
    """A unit, chosen from the tree; named by its reference."""

    def __init__(self, **more: Any) -> None:
        super().__init__(queryset=Node.objects.none(), to_field_name="ref", **more)

    def offer(self, branches: Sequence[Branch], leaving_out: Iterable[int] = ()) -> None:
        """Offer these units in the order of the tree, indented."""
        out = set(leaving_out)
        found = [branch for branch in branches if branch.unit.pk not in out]
        self.queryset = Node.objects.filter(pk__in=[branch.unit.pk for branch in found])
        self.choices = [
            *([] if self.required and len(found) == 1 else [("", _t("choose"))]),
            *((branch.unit.ref, "\u2003" * branch.depth + branch.unit.name) for branch in found),
        ]


FIRST = {"autofocus": True, "autocomplete": "off"}


class NewUnit(forms.Form):
    """A unit begins with a name and the unit it lies in."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=FIRST))
    parent = UnitField(label=_("Lies in"))
    ref = forms.CharField(
        label=_("Reference"),
        max_length=40,
        required=False,
        help_text=_("Short, for addresses and files. Empty: made from the name."),
    )
    effective_on = from_day()

    def __init__(self, *args: Any, branches: Sequence[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].offer(branches)  # type: ignore[attr-defined]


class Seen(forms.Form):
    """A form about a row as the reader saw it: what somebody changed meanwhile is not written over unseen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Governed | None = None, **kwargs: Any) -> None:
        initial = {"version": row.version} if row is not None else {}
        super().__init__(*args, **{**kwargs, "initial": initial | (kwargs.get("initial") or {})})

    @contextmanager
    def as_seen(self, row: Governed, now: Callable[[], tuple[Governed, str]]) -> Iterator[None]:
        """
        Write what was typed over the row as it was seen.

        now : the row read again, and in words what it says; a conflict tells it, and saving once more is deliberate.
        """
        seen = self.cleaned_data.pop("version", None)
        row.version = seen if seen is not None else row.version
        try:
            yield
        except Conflict as conflict:
            current, words = now()
            again: Any = self.data.copy()  # type: ignore[attr-defined]
            again[self.add_prefix("version")] = str(current.version)
            self.data = again
            sentence = _t("Somebody changed this meanwhile. Now it is: %(now)s. Save again to use what you typed.")
            raise Conflict(sentence % {"now": words}) from conflict


class NewName(Seen):
    """Another name."""

    name = forms.CharField(label=_("Name"), max_length=200)
    effective_on = from_day()
    reason = why()


class MoveUnit(Seen):
    """Another unit to lie in."""

    to = UnitField(label=_("Lies in"))
    effective_on = from_day()
    reason = why()

    def __init__(self, *args: Any, branches: Sequence[Branch], without: Iterable[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(branches, without)  # type: ignore[attr-defined]


class End(forms.Form):
    """From which day on something is no more."""

    on = DayField(label=_("No more from"), required=False, help_text=_("Empty: from today. A later day is a plan."))
    reason = why()


class Reason(forms.Form):
    """Why, and nothing else."""

    reason = why()


class Nothing(forms.Form):
    """A button alone."""


class PersonFacts(forms.Form):
    """Name and address, and what they were when the page was opened."""

    seen_name = forms.CharField(widget=forms.HiddenInput, required=False)
    seen_email = forms.CharField(widget=forms.HiddenInput, required=False)

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    email = forms.EmailField(
        label=_("Address"), required=False, help_text=_("For mail and, later, for signing in. One person an address.")
    )


class SeveralPeople(forms.Form):
    """People, one a line."""

    lines = forms.CharField(
        label=_("People, one a line"),
        max_length=60_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"} | FIRST),
        help_text=_("Name and address, such as: Rosa Marr, rosa.marr@example.org. The address may follow later."),
    )


class PersonLeft(forms.Form):
    """From which day on a person is gone."""

    on = DayField(
        label=_("Gone from"),
        required=False,
        help_text=_("Empty: from today, with the next request. A later day ends roles and sign-in then."),
    )
    reason = why()


class RightsField(forms.MultipleChoiceField):
    """Rights, grouped by what they are about."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple, required=False, **more)
        self.choices = [(code, right.label) for code, right in rights.ALL.items()]


class RoleFacts(Seen):
    """What a role is called and lets people do."""

    name = forms.CharField(label=_("Name"), max_length=100, widget=forms.TextInput(attrs=FIRST))
    description = forms.CharField(
        label=_("What it is for"), required=False, max_length=300, help_text=_("One sentence, shown where it is given.")
    )
    rights = RightsField(label=_("Rights"))
    single = forms.BooleanField(
        label=_("One holder at a time: naming somebody else ends who held it before"), required=False
    )
    needs_second_factor = forms.BooleanField(label=_("Whoever holds it signs in with a second factor"), required=False)
    reason = why()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rights"].choices = [(code, right.label) for code, right in rights.ALL.items()]  # type: ignore[attr-defined]


class GiveRole(forms.Form):
    """Which role, from when until when. Who and where the page brings along."""

    role = forms.ModelChoiceField(
        label=_("Role"), queryset=Role.objects.none(), to_field_name="code", empty_label=_("choose")
    )
    from_on = DayField(label=_("From"), required=False, help_text=_("Empty: from today."))
    to_on = DayField(label=_("Last day"), required=False, help_text=_("Empty: until further notice."))
    acting = forms.BooleanField(label=_("Acting, beside or instead of who holds it"), required=False)
    reason = why()

    def __init__(self, *args: Any, roles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = roles  # type: ignore[attr-defined]


class EndHolding(forms.Form):
    """The last day of a holding."""

    last_day = DayField(label=_("Last day"), required=False, help_text=_("Empty: yesterday, so it ends at once."))
    reason = why()


class AskAccess(forms.Form):
    """Whether somebody may do one thing at one place."""

    right = forms.ChoiceField(label=_("May they"))
    place = forms.CharField(
        label=_("At"), max_length=40, help_text=_("The reference of a unit, portfolio, programme or project.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["right"].choices = [  # type: ignore[attr-defined]
            (group, [(right.code, right.label) for right in those])
            for group, those in by_domain(rights.ALL.values(), lambda right: right)
        ]


def by_domain(things: Iterable[Any], right_of: Callable[[Any], Right]) -> list[tuple[str, list[Any]]]:
    """Things that hang on a right, in groups by what the rights are about."""
    groups: dict[str, list[Any]] = {}
    for thing in things:
        groups.setdefault(right_of(thing).code.partition(".")[0], []).append(thing)
    return [(_domain(name), those) for name, those in groups.items()]


def _domain(name: str) -> str:
    """What rights of a domain are about, in words."""
    return _t("Organisation") if name == "core" else _t(str(apps.get_app_config(name).verbose_name))
