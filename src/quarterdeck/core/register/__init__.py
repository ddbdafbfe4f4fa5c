"""A register is declared: columns, question, filters. List, search, sort, paging, export and the API list follow."""

from quarterdeck.core.register import bulk, bulk_jobs, cells, saved
from quarterdeck.core.register.data import DataPage, data_page, fields_of, rows_as_data
from quarterdeck.core.register.declaration import Change, Column, Edit, Register, View
from quarterdeck.core.register.filters import ActorFilterSet, ReferencesFilter
from quarterdeck.core.register.listing import Listing, listing
from quarterdeck.core.register.pages import register_page
from quarterdeck.core.register.registry import all_registers, declare, register_named

__all__ = [
    "ActorFilterSet",
    "Change",
    "Column",
    "DataPage",
    "Edit",
    "Listing",
    "ReferencesFilter",
    "Register",
    "View",
    "all_registers",
    "bulk",
    "bulk_jobs",
    "cells",
    "data_page",
    "declare",
    "fields_of",
    "listing",
    "register_named",
    "register_page",
    "rows_as_data",
    "saved",
]
