"""Filters of registers."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Model
from django_filters.fields import ModelMultipleChoiceField

from quarterdeck.core.access import Actor


class ActorFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Filters whose choices are questions: they know who asks."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)

    def asks(self, name: str) -> bool:
        """Whether the address sets or opens a filter."""
        return name in self.data or self.data.get("control") == name


class ReferencesField(ModelMultipleChoiceField):  # type: ignore[misc]
    """Several things, each by the reference that people know it by. reference: the lookup, such as `node__ref`."""

    def __init__(self, *args: Any, reference: str = "node__ref", **kwargs: Any) -> None:
        self.reference = reference
        super().__init__(*args, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Model):
            return super().prepare_value(value)
        found: Any = value
        for part in self.reference.split("__"):
            found = getattr(found, part)
        return found

    def known(self, references: Iterable[str]) -> set[str]:
        """Of some references those that name one of the choices."""
        asked = [each for each in references if "\x00" not in each]
        found = self.queryset.filter(**{f"{self.reference}__in": asked})
        return set(found.values_list(self.reference, flat=True))

    def _check_values(self, value: Any) -> Any:
        asked = {str(each) for each in value if each}
        for unknown in sorted(asked - self.known(asked)):
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": unknown[:60]}
            )
        return self.queryset.filter(**{f"{self.reference}__in": sorted(asked)})


class ReferencesFilter(django_filters.ModelMultipleChoiceFilter):  # type: ignore[misc]
    """A filter by several things; addresses and saved views name them by reference, never by number."""

    field_class = ReferencesField
