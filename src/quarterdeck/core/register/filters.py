"""Filters of registers."""

from typing import Any

import django_filters

from quarterdeck.core.access import Actor


class ActorFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """Filters whose choices are questions: they know who asks."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)

    def asks(self, name: str) -> bool:
        """Whether the address sets or opens a filter."""
        return name in self.data or self.data.get("control") == name
