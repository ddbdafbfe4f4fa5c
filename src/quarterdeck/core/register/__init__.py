"""A register is declared: columns, question, filters. List, search, sort, paging and export follow."""

from quarterdeck.core.register.declaration import Column, Register, View
from quarterdeck.core.register.filters import ActorFilterSet
from quarterdeck.core.register.listing import Listing, listing
from quarterdeck.core.register.pages import register_page

__all__ = ["ActorFilterSet", "Column", "Listing", "Register", "View", "listing", "register_page"]
