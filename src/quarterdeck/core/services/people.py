"""People are added, corrected, and leave; their roles end with them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Conflict, Refused
from quarterdeck.core.models import Account, Holding, Person
from quarterdeck.core.services import accounts, days, ending, roles

MOST_AT_ONCE = 200
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list of people: what was read, and what is wrong with it (empty: nothing)."""

    number: int
    name: str
    email: str
    problem: str = ""


def read_lines(text: str) -> list[Line]:
    """
    People from lines such as `Ada Archer, ada@norhaven.example`, `Ada Archer <ada@…>` or `Ada Archer`.

    Every problem of the lines themselves is told; whether an address is taken the services say.
    """
    found: list[Line] = []
    seen: set[str] = set()
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip():
            continue
        name, email = _parts(raw)
        problem = _problem(name, email)
        if not problem and email and email in seen:
            problem = _("This address stands in another line too.")
        seen.add(email)
        found.append(Line(number, name, email, problem))
    return found


def _parts(raw: str) -> tuple[str, str]:
    address = re.search(r"[^\s,;<>]*@[^\s,;<>]*", raw)
    email = address[0] if address else ""
    name = raw.replace(email, " ") if email else raw
    return " ".join(re.sub(r"[,;<>\t\"]+", " ", name).split()), email.lower()


def _problem(name: str, email: str) -> str:
    if not name:
        return _("A name is missing.")
    if len(name) > LONGEST_NAME:
        return _("The name is longer than 200 letters.")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            return _("This is no address: %(address)s.") % {"address": email}
    return ""


def check_lines(actor: Actor, lines: Sequence[Line]) -> list[Line]:
    """The lines again, with what the people who are there already say about them."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    emails = [line.email for line in lines if line.email]
    taken = {
        email.lower(): name for email, name in Person.objects.filter(email__in=emails).values_list("email", "name")
    }
    return [
        line
        if line.problem or line.email not in taken
        else Line(
            line.number,
            line.name,
            line.email,
            _("%(name)s has this address already.") % {"name": taken[line.email]},
        )
        for line in lines
    ]


@transaction.atomic
def add_people(actor: Actor, lines: Sequence[Line], *, now: datetime) -> list[Person]:
    """Make several people at once, all of them or none."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    if not lines:
        sentence = _("Write at least one name.")
        raise Refused("nobody", sentence, {"lines": sentence})
    if len(lines) > MOST_AT_ONCE:
        sentence = _("At most %(number)s people at once. A register of projects can be imported.")
        sentence %= {"number": MOST_AT_ONCE}
        raise Refused("too_many", sentence, {"lines": sentence})
    for line in check_lines(actor, lines):
        if line.problem:
            sentence = _("Line %(number)s: %(problem)s") % {"number": line.number, "problem": line.problem}
            raise Refused("not_a_person", sentence, {"lines": sentence})
    return [accounts.add_person(actor, name=line.name, email=line.email, now=now) for line in lines]


@transaction.atomic
def change_person(
    actor: Actor, person: Person, *, name: str, email: str, now: datetime, seen: tuple[str, str] | None = None
) -> Person:
    """
    Correct a name or an address. Neither is kept in a history: the ledger says that they changed, not what to.

    seen : name and address as the actor saw them; Conflict when somebody changed them meanwhile.
    """
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    there = Person.objects.select_for_update(no_key=True).values_list("name", "email").get(pk=person.pk)
    if seen is not None and there != seen:
        sentence = _("Somebody changed this meanwhile. Now it is: %(now)s. Save again to use what you typed.")
        raise Conflict(sentence % {"now": ", ".join(part for part in there if part)})
    values = {"name": " ".join(name.split()), "email": email.strip().lower()}
    changed = [field for field, value in values.items() if getattr(person, field) != value]
    if not changed:
        return person
    for field in changed:
        setattr(person, field, values[field])
    store.check(person)
    try:
        with transaction.atomic():
            person.save(update_fields=changed)
    except IntegrityError as problem:
        sentence = _("Another person has this address. An address belongs to one person.")
        raise Refused("address_taken", sentence, {"email": sentence}) from problem
    ledger.record(actor, "core.person.changed", on=person, at=now, fields=sorted(changed))
    return person


def open_holdings(person: Person, day: date) -> QuerySet[Holding]:
    """What a person holds on a day or will hold after it."""
    held = Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=day), person=person)
    return held.exclude(to_on__lt=F("from_on")).select_related("role", "node").order_by("role__name", "pk")


@transaction.atomic
def person_left(actor: Actor, person: Person, *, now: datetime, on: date | None = None, reason: str = "") -> Person:
    """
    Note that a person left: from the day on (default: today) they hold nothing and do not sign in.

    Everything they hold ends the day before, also where the actor does not see it. Refused for the last
    administrator, and while they alone run something confidential that the actor sees.
    """
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    access.require_confirmed(actor, now=now)
    day = on or now.date()
    days.check_year(day, "on")
    if person.left_on is not None:
        sentence = _("%(name)s left on %(day)s already.")
        raise Refused("left_already", sentence % {"name": person.name, "day": days.said(person.left_on)})
    if person.pk == actor.person_id:
        raise Refused("own_leave", _("Another administrator notes that you left."))
    ending = list(open_holdings(person, day))
    roles.keep_an_administrator(ending, now=now)
    for holding in ending:
        if access.may(actor, rights.SEE_ORGANISATION, on=holding.node):
            roles.keep_inside(holding, now=now)
    person.left_on = day
    person.save(update_fields=["left_on"])
    for holding in ending:
        why = days.planned(actor, holding, day, now=now, reason=reason or _("Left"))
        roles.end_holding_on(holding, last_day=days.day_before(day), why=why, actor=actor)
    close_accounts_of_who_left(now=now, person=person, by=actor)
    ledger.record(actor, "core.person.left", on=person, at=now, left_on=day, holdings=len(ending))
    return person


@transaction.atomic
def close_accounts_of_who_left(*, now: datetime, person: Person | None = None, by: Actor | None = None) -> int:
    """
    Switch off the accounts of people whose day came, and end their sessions; done again it changes nothing.

    by : who noted at this moment that person left; the accounts of the others are closed by their day.
    """
    gone = Account.objects.filter(is_active=True, person__left_on__lte=now.date()).select_for_update(of=("self",))
    closed = 0
    for account in gone.order_by("pk"):
        account.is_active = False
        account.save(update_fields=["is_active"])
        ending.end_all(account, now=now)
        who = by if person is not None and account.person_id == person.pk else None
        ledger.record(who, "core.account.disabled", on=account, at=now, person=account.person_id)
        closed += 1
    return closed


@transaction.atomic
def bring_back_person(actor: Actor, person: Person, *, now: datetime) -> Person:
    """Note that a person is here again. Roles and sign-in are given anew, one by one."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    if person.left_on is None:
        raise Refused("not_left", _("%(name)s has not left.") % {"name": person.name})
    person.left_on = None
    person.save(update_fields=["left_on"])
    ledger.record(actor, "core.person.brought_back", on=person, at=now)
    return person


def give_again(
    actor: Actor, holdings: Iterable[Holding], *, now: datetime, reason: str = ""
) -> tuple[list[Holding], list[str]]:
    """
    Give roles that ended once more from today on, as far as the actor may.

    Returns what was given, and a sentence for each that was refused.
    """
    given, refused = [], []
    # Whoever found the holdings may have done so while the person was still gone.
    held = list(holdings)
    here = Person.objects.in_bulk({holding.person_id for holding in held})
    for holding in held:
        try:
            with transaction.atomic():
                person, role, node = here[holding.person_id], holding.role, holding.node
                given.append(
                    roles.give_role(actor, person, role, on=node, now=now, acting=holding.acting, reason=reason)
                )
        except Refused as refusal:
            refused.append(f"{holding.role.name}, {holding.node.name}: {refusal.message}")
    return given, refused
