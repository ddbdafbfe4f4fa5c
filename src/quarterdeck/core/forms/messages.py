"""Shapes of what people send when they talk, file and choose what they hear of."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quarterdeck.core.services.comments import LONGEST
from quarterdeck.core.services.notifications import SORTS, WAYS


class Comment(forms.Form):
    """Something said about a thing. version: of the comment that is changed."""

    text = forms.CharField(
        label=_("Comment"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2 * LONGEST, "data-qd-draft": "", "data-qd-first": ""}),
        help_text=_(
            "@ and a name tells that person. **bold**, *italic*, lists with - and quotes with > are understood."
        ),
        error_messages={"required": _("Write something first.")},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class File(forms.Form):
    """A file to hang on a thing. Its page has two forms, whose fields must not share their names."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("At most 20 MB. Kept here and given back as a download."),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": "file_%s"})


class Document(forms.Form):
    """A document that lies elsewhere."""

    title = forms.CharField(label=_("Title"), max_length=200)
    address = forms.CharField(
        label=_("Address"),
        max_length=1000,
        help_text=_(
            "Such as https://documents.example.org/plan or \\\\server\\folder\\plan. It is never opened from here."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300)


class Choices(forms.Form):
    """For each sort of thing, how one hears of it by mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for sort in SORTS.values():
            self.fields[sort.code] = forms.ChoiceField(
                label=sort.label,
                help_text=sort.help,
                choices=list(WAYS.items()),
                widget=forms.RadioSelect,
                initial=sort.mail,
            )
