"""Links that stay in the past while the reader looks at it."""

from typing import Any

from django import template

from quarterdeck.core.web.pages import address as page_address

register = template.Library()


@register.simple_tag(name="address")
def address(route: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, with the moment that is looked at."""
    return page_address(route, *args, **kwargs)
