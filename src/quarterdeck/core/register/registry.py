"""All registers by name, so that saved views, editing, bulk acts and the API find the one that an address names."""

import django_filters

from quarterdeck.core.errors import NotFound
from quarterdeck.core.register.declaration import Register
from quarterdeck.core.services import saved_views as views

_registers: dict[str, Register] = {}


def declare(register: Register) -> None:
    """Make a register known by its name. Each name is declared once."""
    if register.name in _registers:
        raise ValueError(f"The register {register.name} is declared twice.")
    _registers[register.name] = register
    views.know_list(register.name, typed_parameters(register))


def all_registers() -> dict[str, Register]:
    """Every register by its name, in order of declaration."""
    return dict(_registers)


def register_named(name: str) -> Register:
    """The register of a name; NotFound for a word that is none, since it comes from an address."""
    found = _registers.get(name)
    if found is None:
        raise NotFound
    return found


def typed_parameters(register: Register) -> frozenset[str]:
    """Parameters that hold what somebody typed: the search, and filters by a free text."""
    free = (name for name, each in register.filters.base_filters.items() if isinstance(each, django_filters.CharFilter))
    return frozenset({"q", *free})
