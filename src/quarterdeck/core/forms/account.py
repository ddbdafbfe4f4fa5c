"""Shapes of what people send about their own account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


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
