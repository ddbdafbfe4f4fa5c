"""Every register as a list for programmes: the same question, filters, search and orders as its page."""

from typing import Any

import django_filters
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override
from pydantic import Field, create_model

from quarterdeck.core import objects
from quarterdeck.core.api import problems
from quarterdeck.core.api.bearer import Call
from quarterdeck.core.api.operations import Answer, Described, fields_parameter, get
from quarterdeck.core.api.shapes import Given
from quarterdeck.core.errors import NotFound
from quarterdeck.core.register import Register, all_registers, data_page, fields_of
from quarterdeck.core.search import MOST_TEXT

Cell = str | int | bool | None
YES = ("yes", "no")


def offer_lists() -> None:
    """Declare one operation for each register; when all of them are declared."""
    with override("en"):
        for register in all_registers().values():
            _offer(register)


def _offer(register: Register) -> None:
    title = "".join(word.title() for word in register.name.split("-"))
    row = create_model(
        f"{title}Row",
        __base__=Given,
        **{  # type: ignore[call-overload]
            name: (Cell, Field(default=None, description=_words_of(register, name))) for name in fields_of(register)
        },
    )
    page = create_model(
        f"{title}Page",
        __base__=Given,
        items=(list[row], ...),  # type: ignore[valid-type]
        next=(str | None, Field(description="The cursor of the page after this one; null on the last.")),
        count=(int, Field(default=0, description="How many match, where it was asked for.")),
    )

    def rows(request: Call) -> Answer:
        parameters = _as_written(register, request)
        counted = _yes(parameters)
        _refuse_blank(parameters)
        if len(parameters.get("q", "")) > MOST_TEXT:
            raise problems.WrongRequest("wrong_filter", _("Words to look for are at most 200 letters."))
        found = data_page(register, request.actor, parameters)
        data: dict[str, Any] = {"items": found.rows, "next": found.next or None}
        if counted:
            data["count"] = found.listing.count
        return Answer(data, single=False)

    rows.__doc__ = f"{register.title}: {register.order_label}, unless another order is asked for."
    get(
        f"/{register.name}",
        page,
        name=f"api_{register.name.replace('-', '_')}",
        parameters=_parameters(register),
        single=False,
        summary=str(register.title),
        tags=["Lists"],
    )(rows)


def _words_of(register: Register, name: str) -> str:
    column = register.column(name)
    return str(column.label) if column else "What names the row in an address."


def _parameters(register: Register) -> list[Described]:
    sortable = [column.name for column in register.columns if column.sort]
    return [
        Described("q", {"type": "string", "maxLength": MOST_TEXT}, "Words to look for."),
        *(_filter(name, each) for name, each in register.filters.base_filters.items()),
        Described(
            "sort",
            {"type": "string", "enum": [sign + name for name in sortable for sign in ("", "-")]},
            "The column to order by; with a minus, downwards.",
        ),
        fields_parameter(fields_of(register)),
        Described("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "Rows of a page."),
        Described("cursor", {"type": "string"}, "Where to go on: next of the page before, with the same question."),
        Described("count", {"type": "string", "enum": list(YES)}, "Whether to say how many match; it costs a little."),
    ]


def _filter(name: str, each: Any) -> Described:
    """A filter as the description has it; one that names a thing takes its reference."""
    label = str(each.label or name)
    schema: dict[str, Any] = {"type": "string"}
    if name in objects.kinds() and _names_a_thing(each):
        label = f"{label}: its reference"
    elif isinstance(each, django_filters.ChoiceFilter | django_filters.MultipleChoiceFilter):
        choices = [str(value) for value, _label in each.extra.get("choices", ())]
        if choices:
            schema["enum"] = choices
    if isinstance(each, django_filters.MultipleChoiceFilter):
        schema = {"type": "array", "items": schema}
    return Described(name, schema, label)


def _names_a_thing(each: Any) -> bool:
    return isinstance(each, django_filters.ModelChoiceFilter | django_filters.ModelMultipleChoiceFilter)


def _as_written(register: Register, request: Call) -> QueryDict:
    """References as they are written; what is hidden is no more known than what does not exist."""
    parameters = request.GET.copy()
    for name, each in register.filters.base_filters.items():
        if name not in parameters or name not in objects.kinds() or not _names_a_thing(each):
            continue
        try:
            things = [objects.find(request.actor, name, key) for key in parameters.getlist(name)]
        except NotFound as refusal:
            sentence = _("There is no such thing, or you have no access to it.")
            raise problems.WrongRequest("wrong_filter", sentence, {name: sentence}) from refusal
        parameters.setlist(name, [objects.kind(name).key(thing) for thing in things])
    return parameters


def _refuse_blank(parameters: QueryDict) -> None:
    """A page leaves out what is not filled in; a programme that sends nothing for something meant something else."""
    if "" in parameters.get("fields", "key").split(","):
        raise problems.WrongRequest("unknown_field", _("Fields are names of the list, separated by commas."))
    blank = next((name for name, values in parameters.lists() if "" in values and name != "q"), None)
    if blank is not None:
        raise problems.WrongRequest(
            "wrong_filter", _("“%(name)s” is given without a value.") % {"name": blank}, {blank: _("This is needed.")}
        )


def _yes(parameters: QueryDict) -> bool:
    asked = str((parameters.pop("count", None) or ["no"])[-1])
    if asked not in YES:
        raise problems.WrongRequest("wrong_count", _("Whether to count is said by yes or no."))
    return asked == "yes"
