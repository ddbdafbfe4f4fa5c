"""Shapes of what people send about letting somebody sign in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.access import Actor
from quarterdeck.core.models import Node, Role
from quarterdeck.core.queries import organisation as questions

# Projects are offered on their own page: a list of ten thousand helps nobody.
OFFERED = ("unit", "portfolio", "programme")


class Invite(forms.Form):
    """An address, a name, and what it is asked to do."""

    email = forms.EmailField(label=_("Address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    role = forms.ModelChoiceField(
        label=_("Role"),
        queryset=Role.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("none yet"),
        help_text=_("It counts from the day the invitation is accepted."),
    )
    place = forms.ModelChoiceField(
        label=_("Where"), queryset=Node.objects.none(), to_field_name="ref", required=False, empty_label=_("choose")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].queryset = questions.roles_to_give(actor)  # type: ignore[attr-defined]
        places = questions.places_to_give(actor).filter(kind__in=OFFERED)
        self.fields["place"].queryset = places  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if bool(sent.get("role")) != bool(sent.get("place")) and not self.errors:
            missing = "place" if sent.get("role") else "role"
            self.add_error(missing, _("A role is held at a place: choose both, or neither."))
        return sent


class LetIn(forms.Form):
    """An address by which a person signs in."""

    email = forms.EmailField(label=_("Address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    by_mail = forms.BooleanField(
        label=_("Send an invitation to it"),
        required=False,
        initial=True,
        help_text=_("Without one the account waits until somebody comes with this address from the identity provider."),
    )


class Acceptance(forms.Form):
    """A name and a password of one's own choice."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. A sentence is easier to remember than a puzzle."),
        strip=False,
    )

    def __init__(self, *args: Any, named: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if named:
            del self.fields["name"]
