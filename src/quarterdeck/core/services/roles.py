"""Roles, and people who hold them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, objects, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import NotAllowed, NotFound, Refused
from quarterdeck.core.models import Holding, Node, NodePath, Person, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.rights import Right
from quarterdeck.core.services import days, nodes

# What is founded holds on every day that somebody may look back to.
ALWAYS = date(1900, 1, 1)
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class StandardRole:
    """A role every installation begins with."""

    code: str
    name: str
    description: str
    rights: tuple[Right, ...]
    single: bool = False


STANDARD: dict[str, StandardRole] = {}
# Roles that a domain gives by itself: they do not end, and these rights are not taken out of them.
KEPT: dict[str, tuple[Right, ...]] = {}


def standard_role(code: str, name: str, description: str, given: Iterable[Right], *, single: bool = False) -> None:
    """Declare a standard role, or add rights of a higher domain to it."""
    known = STANDARD.get(code)
    if known is None:
        STANDARD[code] = StandardRole(code, name, description, tuple(given), single)
    else:
        STANDARD[code] = StandardRole(
            code, known.name, known.description, tuple(dict.fromkeys((*known.rights, *given))), known.single
        )


def extend_role(codes: Iterable[str], given: Iterable[Right]) -> None:
    """Give rights of a higher domain to standard roles."""
    for code in codes:
        standard_role(code, "", "", given)


def keep_role(code: str, needed: Iterable[Right]) -> None:
    """Say that a standard role stays, with the rights without which it would not do what it is given for."""
    KEPT[code] = tuple(dict.fromkeys((*KEPT.get(code, ()), *needed)))


def standard_roles_are_current() -> bool:
    """Whether every standard role is there with the rights of this release; true before the founding."""
    kept = {role.code: {*role.rights, *role.withheld} for role in Role.objects.filter(code__in=STANDARD)}
    if not kept:
        return True
    return all({right.code for right in role.rights} <= kept.get(code, set()) for code, role in STANDARD.items())


@transaction.atomic
def ensure_standard_roles(*, now: datetime) -> None:
    """
    Make the standard roles that are missing, and give the existing ones the rights that came with an upgrade.

    A right that somebody took out of a standard role is withheld there and does not come back.
    """
    existing = {role.code: role for role in Role.objects.all()}
    why = store.Because(None, now, "Standard roles", ALWAYS)
    for code, standard in STANDARD.items():
        codes = [right.code for right in standard.rights]
        role = existing.get(code)
        if role is None:
            store.create(
                Role(
                    code=code,
                    name=standard.name,
                    description=standard.description,
                    rights=codes,
                    single=standard.single,
                ),
                why,
            )
        elif missing := [right for right in codes if right not in {*role.rights, *role.withheld}]:
            role.rights = [*role.rights, *missing]
            store.save(role, store.Because(None, now, "Standard roles"), fields=["rights"])


# What a domain refuses when a role is given: person, role, place, from and until.
Rule = Callable[[Person, Role, Node, date, date | None], None]
_rules: list[Rule] = []


def refuse_giving(rule: Rule) -> None:
    """Add a rule of a higher domain that is asked whenever a person gives a role; it raises Refused."""
    if rule not in _rules:
        _rules.append(rule)


def require_to_give(actor: Actor, node: Node) -> None:
    """
    Refuse unless the actor may say who holds which role at a place.

    Whoever makes and changes the organisation may, and whoever runs the place: the people of a confidential circle
    are named by those inside, since nobody above reaches in.
    """
    known = objects.kinds().get(node.kind)
    run = known.manage if known is not None and known.manage is not None else rights.MANAGE_ORGANISATION
    if access.may(actor, rights.MANAGE_ORGANISATION, on=node) or access.may(actor, run, on=node):
        return
    sees = access.may(actor, rights.SEE_ORGANISATION, on=node)
    if not sees and not (known is not None and access.may(actor, known.see, on=node)):
        raise NotFound
    raise NotAllowed(_("You may not do this here. It needs the right “%(right)s”.") % {"right": run.label})


@transaction.atomic
def give_role(
    actor: Actor,
    person: Person,
    role: Role,
    *,
    on: Node,
    now: datetime,
    from_on: date | None = None,
    to_on: date | None = None,
    acting: bool = False,
    reason: str = "",
) -> Holding:
    """
    Let a person hold a role at a node from a day on, until a day or until further notice.

    A single role passes on: who held it before ends the day before. Nobody gives rights they do not hold there.
    Holding it already, from then on and in the same way, changes nothing.
    """
    require_to_give(actor, on)
    require_rights_of(actor, role, on=on)
    if rights.MANAGE_ORGANISATION.code in role.rights:
        access.require_confirmed(actor, now=now)
    first = from_on or now.date()
    _refuse_dates(first, to_on)
    _refuse_gone(person, role, first)
    nodes.refuse_ended(on, "node")
    for rule in _rules:
        rule(person, role, on, first, to_on)
    own = questions.overlapping(role, on, first, to_on).filter(person=person).first()
    if own is not None:
        if own.acting == acting and own.to_on is None and to_on is None and own.from_on <= first:
            return own
        if own.acting == acting or own.from_on >= first:
            sentence = _("%(person)s holds this role here already, %(span)s. Change when that ends instead.")
            raise Refused("held_already", sentence % {"person": person.name, "span": span(own)})
        end_holding_on(own, last_day=days.day_before(first), why=_from(actor, own, first, now, reason), actor=actor)
    if role.single and not acting:
        _make_room(actor, role, on, first, to_on, now=now, reason=reason)
    why = days.day_known(actor, first, (on, role), now=now, reason=reason)
    return hold(person, role, on=on, from_on=first, to_on=to_on, acting=acting, why=why, actor=actor)


@transaction.atomic
def give_roles(
    actor: Actor,
    people: Iterable[Person],
    role: Role,
    *,
    on: Node,
    now: datetime,
    from_on: date | None = None,
    to_on: date | None = None,
    acting: bool = False,
    reason: str = "",
) -> list[Holding]:
    """Let several people hold a role at a node; all of them or none."""
    several = list(people)
    if role.single and not acting and len(several) > 1:
        sentence = _("%(role)s has one holder at a time. Name one person, or several as acting.") % {"role": role.name}
        raise Refused("one_at_a_time", sentence, {"people": sentence})
    return [
        give_role(actor, person, role, on=on, now=now, from_on=from_on, to_on=to_on, acting=acting, reason=reason)
        for person in several
    ]


def _refuse_dates(first: date, last: date | None) -> None:
    days.check_year(first, "from_on")
    days.check_year(last, "to_on")
    if last is not None and last < first:
        sentence = _("The last day lies before the first. Choose %(day)s or a later one.") % {"day": days.said(first)}
        raise Refused("ends_before_it_begins", sentence, {"to_on": sentence})


def _refuse_gone(person: Person, role: Role, first: date) -> None:
    if role.ended_on is not None:
        sentence = _("The role %(role)s is not given any more. Choose another one, or bring it back first.")
        raise Refused("role_ended", sentence % {"role": role.name}, {"role": sentence % {"role": role.name}})
    if person.left_on is not None and person.left_on <= first:
        sentence = _("%(name)s left on %(day)s. Bring them back first.")
        sentence %= {"name": person.name, "day": days.said(person.left_on)}
        raise Refused("person_left", sentence, {"person": sentence})


def span(holding: Holding) -> str:
    """From when until when, in words."""
    said = {"first": days.said(holding.from_on), "last": days.said(holding.to_on) if holding.to_on else ""}
    return (_("from %(first)s until %(last)s") if holding.to_on else _("from %(first)s on")) % said


def _make_room(
    actor: Actor, role: Role, node: Node, first: date, last: date | None, *, now: datetime, reason: str
) -> None:
    """End the day before who holds a single role; refuse when somebody is to take it over later."""
    for other in questions.overlapping(role, node, first, last).filter(acting=False).select_related("person"):
        if other.from_on > first:
            sentence = _("%(person)s takes this role over on %(day)s. Say until when, or take that back first.")
            sentence %= {"person": other.person.name, "day": days.said(other.from_on)}
            raise Refused("taken_later", sentence, {"to_on": sentence})
        end_holding_on(other, last_day=days.day_before(first), why=_from(actor, other, first, now, reason), actor=actor)


def _from(actor: Actor, holding: Holding, first: date, now: datetime, reason: str) -> store.Because:
    """Why a holding has ended from a day on."""
    return days.planned(actor, holding, first, now=now, reason=reason)


def require_rights_of(actor: Actor, role: Role, *, on: Node) -> None:
    """Refuse to give a role that carries a right which the giver does not hold at the node."""
    for code in role.rights:
        known = rights.ALL.get(code)
        if known is not None and not access.may(actor, known, on=on):
            sentence = _(
                "You cannot give the role %(role)s here: it carries the right “%(right)s”, "
                "which you do not hold here yourself."
            )
            raise Refused("more_than_held", sentence % {"role": role.name, "right": known.label})


def hold(
    person: Person,
    role: Role,
    *,
    on: Node,
    from_on: date,
    why: store.Because,
    actor: Actor | None,
    acting: bool = False,
    to_on: date | None = None,
    noted: bool = True,
) -> Holding:
    """
    Write a holding; for services that have checked the right of who asks. Holding it already changes nothing.

    noted: write it into the ledger; an import writes one entry for all its rows instead.
    """
    running = list(Holding.objects.filter(node=on, role=role, to_on__isnull=True))
    own = next((holding for holding in running if holding.person_id == person.pk), None)
    if own is not None and to_on is None:
        return own
    if role.single and not acting:
        for other in running:
            if other.acting or (to_on is not None and other.from_on > to_on):
                continue
            end_holding_on(other, last_day=from_on - timedelta(days=1), why=why, actor=actor, noted=noted)
    holding = store.create(
        Holding(person=person, role=role, node=on, from_on=from_on, to_on=to_on, acting=acting, single=role.single),
        why,
    )
    if not noted:
        return holding
    ledger.record(
        actor,
        "core.role.given",
        on=holding,
        at=why.now,
        person=person.pk,
        role=role.code,
        node=on.pk,
        from_on=from_on,
        to_on=to_on,
        acting=acting,
    )
    return holding


def end_holding_on(
    holding: Holding, *, last_day: date, why: store.Because, actor: Actor | None, noted: bool = True
) -> Holding:
    """
    Write the end of a holding; for services that have checked the right of who asks.

    One that ends before it begins never counts: access that was given by mistake is gone with the next request.
    """
    holding.to_on = max(last_day, holding.from_on - timedelta(days=1))
    store.save(holding, why, fields=["to_on"])
    if noted:
        ledger.record(actor, "core.role.ended", on=holding, at=why.now, person=holding.person_id, to_on=holding.to_on)
    return holding


@transaction.atomic
def end_holding(
    actor: Actor, holding: Holding, *, last_day: date | None = None, now: datetime, reason: str = ""
) -> Holding:
    """End a holding on a day (default: yesterday, so that the access ends with the next request)."""
    require_to_give(actor, holding.node)
    today = now.date()
    if holding.to_on is not None and holding.to_on < today:
        sentence = _("This ended on %(day)s already.") % {"day": days.said(holding.to_on)}
        raise Refused("ended_already", sentence)
    keep_an_administrator([holding], now=now)
    keep_inside(holding, now=now)
    day = last_day or days.day_before(today)
    days.check_year(day, "last_day")
    if last_day is not None and last_day < holding.from_on:
        sentence = _("It begins on %(day)s. Choose that day or a later one, or take it back.")
        sentence %= {"day": days.said(holding.from_on)}
        raise Refused("ends_before_it_begins", sentence, {"last_day": sentence})
    if holding.to_on is not None and day > holding.to_on:
        _refuse_longer(actor, holding, day, now=now)
    why = days.planned(actor, holding, day + timedelta(days=1), now=now, reason=reason)
    return end_holding_on(holding, last_day=day, why=why, actor=actor)


@transaction.atomic
def take_back(actor: Actor, holding: Holding, *, now: datetime, reason: str = "") -> Holding:
    """Undo that a role was given, while it has not counted for a whole day; it then never counted."""
    require_to_give(actor, holding.node)
    if holding.to_on is not None and holding.to_on < holding.from_on:
        raise Refused("taken_back_already", _("This was taken back already."))
    if holding.from_on < now.date():
        sentence = _("It has counted since %(day)s, so it cannot be taken back. End it instead.")
        raise Refused("counted_already", sentence % {"day": days.said(holding.from_on)})
    keep_an_administrator([holding], now=now)
    keep_inside(holding, now=now)
    holding.to_on = days.day_before(holding.from_on)
    store.save(holding, store.Because(actor.person_id, now, reason), fields=["to_on"])
    ledger.record(actor, "core.role.taken_back", on=holding, at=now, person=holding.person_id)
    return holding


@transaction.atomic
def continue_holding(actor: Actor, holding: Holding, *, now: datetime, reason: str = "") -> Holding:
    """Take the end of a holding away: one that lies ahead, or that came yesterday or today by mistake."""
    require_to_give(actor, holding.node)
    if holding.to_on is None:
        raise Refused("not_ended", _("This has no end, so there is nothing to continue."))
    require_rights_of(actor, holding.role, on=holding.node)
    taken_back = holding.to_on < holding.from_on
    if holding.to_on < days.day_before(now.date()) and not (taken_back and holding.from_on >= now.date()):
        sentence = _(
            "This ended on %(day)s. Give the role again from today on, so that the days between stay as they were."
        )
        raise Refused("ended_long_ago", sentence % {"day": days.said(holding.to_on)})
    _refuse_longer(actor, holding, None, now=now)
    holding.to_on = None
    store.save(holding, store.Because(actor.person_id, now, reason), fields=["to_on"])
    ledger.record(actor, "core.role.continued", on=holding, at=now, person=holding.person_id)
    return holding


def _refuse_longer(actor: Actor, holding: Holding, last_day: date | None, *, now: datetime) -> None:
    """Refuse that a holding lasts longer than it does where giving it anew would be refused. last_day None: no end."""
    role, node, person = holding.role, holding.node, holding.person
    require_rights_of(actor, role, on=node)
    if rights.MANAGE_ORGANISATION.code in role.rights:
        access.require_confirmed(actor, now=now)
    _refuse_gone(person, role, last_day or now.date())
    nodes.refuse_ended(node)
    others = questions.overlapping(role, node, max(holding.from_on, now.date()), last_day).exclude(pk=holding.pk)
    for other in others.select_related("person"):
        if other.person_id == person.pk or (role.single and not holding.acting and not other.acting):
            sentence = _("%(person)s holds this role %(span)s. End that first.")
            raise Refused("held_by_another", sentence % {"person": other.person.name, "span": span(other)})


def keep_an_administrator(ending: Iterable[Holding], *, now: datetime) -> None:
    """
    Refuse to end the last administrator of the organisation who can sign in.

    Whoever ends one holds the role itself still until the transaction ends: of two who end each other at the same
    moment, the second looks when the first is done.
    """
    top = access.top_id()
    gone = [each.pk for each in ending if each.role.code == ADMINISTRATOR and each.node_id == top]
    if not gone or top is None:
        return
    hold_administrators_still()
    others = Holding.objects.filter(access.in_force(now.date()), role__code=ADMINISTRATOR, node_id=top)
    stay = others.filter(to_on__isnull=True, person__left_on__isnull=True, person__accounts__is_active=True)
    if not stay.exclude(pk__in=gone).exists():
        sentence = _("This is the last administrator who can sign in. Give the role to somebody else first.")
        raise Refused("last_administrator", sentence)


def hold_administrators_still() -> None:
    """Let one transaction at a time take an administrator away."""
    Role.objects.select_for_update(no_key=True).get(code=ADMINISTRATOR)


def keep_inside(holding: Holding, *, now: datetime) -> None:
    """Refuse to end the last one who runs something confidential: nobody else could open it again."""
    known = objects.kinds().get(holding.node.kind)
    if not holding.node.confidential or known is None or known.manage is None:
        return
    if known.manage.code not in holding.role.rights:
        return
    Node.objects.select_for_update(no_key=True).get(pk=holding.node_id)
    inside = NodePath.objects.filter(descendant_id=holding.node_id, open=True).values("ancestor_id")
    others = Holding.objects.filter(access.in_force(now.date()), node_id__in=inside, to_on__isnull=True)
    if not others.filter(role__rights__contains=[known.manage.code]).exclude(pk=holding.pk).exists():
        sentence = _(
            "Nobody else runs %(name)s, which is confidential, so nobody could open it again. "
            "Give somebody the role of a portfolio manager there first, or open it."
        )
        raise Refused("last_inside", sentence % {"name": holding.node.name})
