"""One fact of one row, changed in its cell."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, NotAllowed, NotFound, Refused
from quarterdeck.core.history import Governed
from quarterdeck.core.queries.versions import LastChange, last_change
from quarterdeck.core.register.declaration import Column, Edit, Register
from quarterdeck.core.register.values import pack
from quarterdeck.core.time import looking_at


class FactForm(forms.Form):
    """A value for a fact, what it was when somebody began to change it, and why it changes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    was = forms.CharField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=1000)

    def __init__(self, *args: Any, edit: Edit, actor: Actor, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = edit.field(actor)
        self.fields["value"].widget.attrs |= {
            "aria-label": label,
            "aria-describedby": "cell_hint",
            "autofocus": True,
            "autocomplete": "off",
        }
        if not edit.note:
            del self.fields["note"]
        widget = self.fields["value"].widget
        if isinstance(widget, forms.RadioSelect):
            self.fields["value"].widget = forms.Select(choices=widget.choices)

    def facts(self, edit: Edit) -> dict[str, Any]:
        """What the change of the register gets."""
        found = {edit.fact: self.cleaned_data["value"]}
        if note := self.cleaned_data.get("note"):
            found[edit.note] = note
        return found


@dataclass(frozen=True, slots=True)
class Cell:
    """A fact of a row that an actor may change."""

    register: Register
    column: Column
    edit: Edit
    row: Any
    actor: Actor

    @property
    def former(self) -> Any:
        """The value there is, as people read it."""
        return self.edit.words(self.row, self.edit.of(self.row))

    def form(self, data: Any = None) -> FactForm:
        """The editor: with what was sent, otherwise with the value there is."""
        value = self.edit.of(self.row)
        initial = {"version": self.register.version_of(self.row), "was": packed(value), "value": value}
        return FactForm(
            data, edit=self.edit, actor=self.actor, label=self.column.label, initial=initial, auto_id="cell_%s"
        )

    def save(self, form: FactForm, *, now: datetime) -> None:
        """Change the fact, unless somebody was faster: then Conflict, and nothing is written."""
        change = self.register.change
        assert change is not None
        given = form.cleaned_data
        if given["was"] and given["was"] != packed(self.edit.of(self.row)):
            raise Conflict(_("Somebody changed this meanwhile."))
        change(self.actor, self.row, form.facts(self.edit), version=given["version"], now=now)

    def since(self, version: int) -> LastChange | None:
        """Who was faster; None where no history tells."""
        row, attribute = self.edit.kept_in(self.row) if self.edit.kept_in else (self.row, self.edit.fact)
        if not isinstance(row, Governed):
            return None
        return last_change(row, attribute, since=version if row is self.row else 0)


def packed(value: Any) -> str:
    """A value as a hidden field carries it."""
    return json.dumps(pack(value), sort_keys=True)


def cell(register: Register, actor: Actor, key: str, name: str) -> Cell:
    """
    The cell of a row and a column, for who may change it.

    NotFound for what is none or hidden, NotAllowed where the actor only sees it, Refused in the past.
    """
    column = register.column(name)
    if column is None or column.edit is None or register.change is None:
        raise NotFound
    row = row_of(register, actor, key)
    ask = column.edit.changeable or register.changeable
    if ask is None or row.pk not in ask(actor, [row.pk]):
        raise NotAllowed(_("You may see this but not change it."))
    if looking_at() is not None:
        raise Refused("past_is_read_only", _("The past is read-only. Go back to today to change something."))
    return Cell(register, column, column.edit, row, actor)


def row_of(register: Register, actor: Actor, key: str) -> Any:
    """The row that an address names; NotFound alike for what is unknown and what is hidden."""
    try:
        found = register.question(actor).filter(**{register.key_field: key}).first()
    except (ValueError, TypeError, ValidationError) as problem:
        raise NotFound from problem
    if found is None:
        raise NotFound
    return found
