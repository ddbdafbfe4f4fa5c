"""Shapes of what people send to keep their lists."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.models import SavedView

SHARED = _("Share it with everybody who may see this list")
SHARED_HELP = _("They find it with your name. Who does not see what a filter names does not find it.")
STARTS = _("Open this list with it")
UP_TO_FIVE = 5


class SaveView(forms.Form):
    """The list as it is, as a new view or in place of one of one's own."""

    into = forms.ChoiceField(label=_("Save as"), required=False)
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, widget=forms.TextInput(attrs={"autofocus": True})
    )
    shared = forms.BooleanField(label=SHARED, help_text=SHARED_HELP, required=False)
    starts = forms.BooleanField(label=STARTS, required=False)
    parameters = forms.CharField(required=False, widget=forms.HiddenInput, max_length=4000)

    def __init__(self, *args: Any, own: Sequence[SavedView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = {str(view.uid): view for view in own}
        if not own:
            del self.fields["into"]
            return
        names = [(str(view.uid), _("in place of “%(name)s”") % {"name": view.name}) for view in own]
        into = self.fields["into"]
        into.choices = [("", _("a new view")), *names]  # type: ignore[attr-defined]
        if len(names) < UP_TO_FIVE:
            into.widget = forms.RadioSelect(choices=into.choices)  # type: ignore[attr-defined]

    @property
    def replaced(self) -> SavedView | None:
        """The view that is saved anew; None for a new one."""
        return self.own.get(self.cleaned_data.get("into", ""))


class ChangeView(forms.Form):
    """Name of a view, who finds it, and whether the list opens with it."""

    name = forms.CharField(label=_("Name"), max_length=80)
    shared = forms.BooleanField(label=SHARED, help_text=SHARED_HELP, required=False)
    starts = forms.BooleanField(label=STARTS, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
