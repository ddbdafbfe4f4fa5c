"""
The people of the access table, and what they hold, said by hand.

What a page answers is worked out from this and from the one word its line says, never by asking the application. A
standard role that gives something else than is said here fails the build.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from quarterdeck.core import rights as core
from quarterdeck.core.rights import Right
from quarterdeck.exchange import rights as exchange
from quarterdeck.projects import rights as projects

TALKS = {core.COMMENT, core.ATTACH}
READS = {core.SEE_ORGANISATION, projects.SEE_PROJECT}
RUNS = READS | TALKS | {
    core.MANAGE_ORGANISATION, core.SEE_LEDGER, projects.CHANGE_PROJECT, projects.ADD_PROJECT,
    projects.MANAGE_PORTFOLIO, exchange.IMPORT_REGISTER,
}  # fmt: skip


@dataclass(frozen=True)
class Principal:
    """A standard role, held at one place: for the whole, at the portfolio ROADS, or at its project Bridge."""

    role: str
    at: str
    rights: frozenset[Right]


def principal(role: str, at: str, rights: Iterable[Right]) -> Principal:
    return Principal(role, at, frozenset(rights))


PEOPLE: dict[str, Principal] = {
    "outsider": principal("", "nowhere", ()),
    "viewer": principal("viewer", "top", READS),
    "member": principal("viewer", "project", READS),
    "manager": principal("project_manager", "project", READS | TALKS | {projects.CHANGE_PROJECT}),
    "sponsor": principal("sponsor", "project", READS | TALKS),
    "finance": principal("finance_partner", "portfolio", READS | TALKS | {core.SEE_CONFIDENTIAL_TOTALS}),
    "auditor": principal("auditor", "top", READS | {core.SEE_LEDGER, core.SEE_SECURITY_LOG}),
    "lead": principal("pmo_lead", "top", RUNS),
    "administrator": principal("administrator", "top", RUNS | {core.SEE_SECURITY_LOG, core.MANAGE_MAIL}),
}
WHO = tuple(PEOPLE)
# A table that says five answers means these.
FIVE = ("outsider", "viewer", "manager", "lead", "administrator")

# What a right that is held at a place reaches.
REACHES = {
    "nowhere": frozenset[str](),
    "project": frozenset({"project", "anywhere"}),
    "portfolio": frozenset({"project", "programme", "portfolio", "anywhere"}),
    "top": frozenset({"project", "programme", "portfolio", "unit", "top", "anywhere"}),
}
Codes = Mapping[str, int]


@dataclass(frozen=True)
class Needs:
    """
    Who holds the right where the thing lies gets `ok`; who only sees it gets 403; for everybody else it is not there.

    at: where the right is needed, if not at what the address names. A thing that lies nowhere (a person, a role) and an
    address without one need it anywhere.
    """

    right: Right
    at: str = ""
    seen_by: Right | None = None
    ok: int = 200
    otherwise: int = 404

    def codes(self, takes: tuple[str, ...]) -> Codes:
        at = self.at or (takes[0] if takes and takes[0] in REACHES["top"] else "anywhere")

        def answer(who: Principal) -> int:
            reached = at in REACHES[who.at]
            if reached and self.right in who.rights:
                return self.ok
            return 403 if self.seen_by and reached and self.seen_by in who.rights else self.otherwise

        return {name: answer(who) for name, who in PEOPLE.items()}


def needs(right: Right, *, at: str = "", seen_by: Right | None = None, ok: int = 200, otherwise: int = 404) -> Needs:
    """What most lines of the table say."""
    return Needs(right, at, seen_by, ok, otherwise)


@dataclass(frozen=True)
class Only:
    """The people named get `ok`, by what is theirs and not by a right; the others get `otherwise`."""

    people: frozenset[str]
    ok: int
    otherwise: int

    def codes(self, _takes: tuple[str, ...]) -> Codes:
        return {name: self.ok if name in self.people else self.otherwise for name in PEOPLE}


def only(people: str, *, ok: int = 200, otherwise: int = 404) -> Only:
    """The people of a text such as "lead administrator"."""
    named = frozenset(people.split())
    assert named <= set(WHO), named
    return Only(named, ok, otherwise)


Said = str | Needs | Only


def codes_of(said: Said, takes: tuple[str, ...] = ()) -> Codes:
    """Who gets what. One number is for all; five are for five, and the others are then not asked."""
    if not isinstance(said, str):
        return said.codes(takes)
    numbers = [int(word) for word in said.split()]
    if len(numbers) == 1:
        return dict.fromkeys(WHO, numbers[0])
    return dict(zip(FIVE if len(numbers) == 5 else WHO, numbers, strict=True))
