"""Shapes of what people send about their own account."""

import json
from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.web import limits

ONE_TIME = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class Password(forms.Form):
    """A password of one's own choice. asked: whether it takes the present one, so that an open screen is not enough."""

    current = forms.CharField(
        label=_("Present password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
    )
    password = forms.CharField(
        label=_("New password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. A sentence is easier to remember than a puzzle."),
        strip=False,
    )

    def __init__(self, *args: Any, asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asked:
            del self.fields["current"]


class Reset(ResetPasswordForm):  # type: ignore[misc]
    """An address that asks for another password: counted alike whether it is known or not."""

    def clean_email(self) -> str:
        limits.reset(context.request, self.cleaned_data["email"], timezone.now())
        return str(super().clean_email())


class Code(forms.Form):
    """A code of an authenticator app, or a recovery code where one may stand in."""

    code = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput(attrs=ONE_TIME))


class Answer(forms.Form):
    """What a passkey answered, as the script of the page writes it."""

    passkey = forms.CharField(widget=forms.HiddenInput, max_length=20_000)

    def clean_passkey(self) -> dict[str, Any]:
        try:
            answer = json.loads(self.cleaned_data["passkey"])
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise forms.ValidationError(_("The passkey was not accepted. Use it once more, or sign in another way."))
        return answer


class Named(forms.Form):
    """What a passkey is called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("So that you recognise it later, such as “Phone” or “Key at home”."),
    )


class NewPasskey(Answer, Named):
    """A passkey that was just made."""

    field_order = ("name", "passkey")


class Token(forms.Form):
    """A key for a programme."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("The programme that uses it, such as “Nightly report”.")
    )
    scopes = forms.ChoiceField(
        label=_("It may"),
        choices=[("read", _("read what you may see")), ("read write", _("read, and change what you may change"))],
    )
    days = forms.IntegerField(
        label=_("Lasts for days"), min_value=1, max_value=365, initial=90, help_text=_("At most 365.")
    )

    def clean_scopes(self) -> list[str]:
        return str(self.cleaned_data["scopes"]).split()
