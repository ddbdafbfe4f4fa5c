"""The roles there are: made, changed, ended and brought back."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from quarterdeck.core import access, ledger, rights, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Holding, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.services import days
from quarterdeck.core.services.roles import KEPT, STANDARD


@transaction.atomic
def add_role(
    actor: Actor,
    *,
    name: str,
    given: Iterable[str],
    now: datetime,
    description: str = "",
    single: bool = False,
    needs_second_factor: bool = False,
) -> Role:
    """Make a role of one's own. Nobody puts a right into it that they do not hold at the top."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    codes = _known(given)
    _refuse_more_than_held(actor, codes)
    if rights.MANAGE_ORGANISATION.code in codes:
        access.require_confirmed(actor, now=now)
    _refuse_same_name(name, None)
    role = store.create(
        Role(
            code=_free_code(name),
            name=name.strip(),
            description=description.strip(),
            rights=codes,
            single=single,
            needs_second_factor=needs_second_factor,
        ),
        store.Because(actor.person_id, now),
    )
    ledger.record(actor, "core.role.made", on=role, at=now, role=role.code, rights=codes, single=single)
    return role


@transaction.atomic
def change_role(
    actor: Actor,
    role: Role,
    *,
    name: str,
    given: Iterable[str],
    now: datetime,
    description: str = "",
    single: bool = False,
    needs_second_factor: bool = False,
    reason: str = "",
) -> Role:
    """
    Change what a role is called and what it lets people do, from this moment and for everybody who holds it.

    A right that is put in must be one that the changer holds at the top. A right taken out of a standard role stays
    out, also after an upgrade. Rights that this release does not know are left alone.
    """
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    strange = [code for code in role.rights if code not in rights.ALL]
    codes = [*_known(given), *strange]
    added = [code for code in codes if code not in role.rights]
    removed = [code for code in role.rights if code not in codes]
    _refuse_more_than_held(actor, added)
    _refuse_powerless(role, codes)
    if added or (role.needs_second_factor and not needs_second_factor):
        access.require_confirmed(actor, now=now)
    _refuse_same_name(name, role)
    if single and not role.single:
        _refuse_several_holders(actor, role)
    standard = STANDARD.get(role.code)
    withheld = [right.code for right in standard.rights if right.code not in codes] if standard else []
    values = {
        "name": name.strip(),
        "description": description.strip(),
        "rights": codes,
        "withheld": withheld,
        "single": single,
        "needs_second_factor": needs_second_factor,
    }
    changed = [field for field, value in values.items() if getattr(role, field) != value]
    if not changed:
        return role
    for field in changed:
        setattr(role, field, values[field])
    why = store.Because(actor.person_id, now, reason)
    store.save(role, why, fields=changed)
    if "single" in changed:
        _follow_single(role, why)
    ledger.record(
        actor,
        "core.role.changed",
        on=role,
        at=now,
        role=role.code,
        fields=sorted(changed),
        added=added,
        removed=removed,
    )
    return role


@transaction.atomic
def end_role(actor: Actor, role: Role, *, now: datetime) -> Role:
    """
    Give a role no more. Refused while somebody holds it where the actor sees it.

    Where they do not see it (inside a circle) it runs on until it is ended there; a refusal would tell of it.
    """
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    if role.ended_on is not None:
        sentence = _("The role %(role)s ended on %(day)s already.")
        raise Refused("ended", sentence % {"role": role.name, "day": days.said(role.ended_on)})
    if role.code in KEPT:
        sentence = _(
            "Quarterdeck itself gives the role %(role)s, so it stays. Take out rights that it should not carry."
        )
        raise Refused("needed", sentence % {"role": role.name})
    held = questions.holdings(actor).filter(role=role).filter(Q(to_on__isnull=True) | Q(to_on__gte=now.date()))
    if held.exists():
        first = held.order_by("person__name").first()
        assert first is not None  # it exists
        sentence = _("%(number)s still hold the role %(role)s, such as %(person)s at %(place)s. End that first.")
        said = {"number": held.count(), "role": role.name, "person": first.person.name, "place": first.node.name}
        raise Refused("held", sentence % said)
    role.ended_on = now.date()
    store.save(role, store.Because(actor.person_id, now), fields=["ended_on"])
    ledger.record(actor, "core.role.withdrawn", on=role, at=now, role=role.code)
    return role


@transaction.atomic
def bring_back_role(actor: Actor, role: Role, *, now: datetime) -> Role:
    """Let a role be given again."""
    access.require(actor, rights.MANAGE_ORGANISATION, on=None)
    if role.ended_on is None:
        raise Refused("not_ended", _("The role %(role)s has no end.") % {"role": role.name})
    _refuse_same_name(role.name, role)
    role.ended_on = None
    store.save(role, store.Because(actor.person_id, now), fields=["ended_on"])
    ledger.record(actor, "core.role.brought_back", on=role, at=now, role=role.code)
    return role


def _known(given: Iterable[str]) -> list[str]:
    """Codes in the order of the rights; refused where one is none."""
    asked = set(given)
    if strange := sorted(asked - set(rights.ALL)):
        sentence = _("There is no right %(code)s.") % {"code": strange[0]}
        raise Refused("no_such_right", sentence, {"rights": sentence})
    return [code for code in rights.ALL if code in asked]


def _refuse_more_than_held(actor: Actor, codes: Iterable[str]) -> None:
    top = access.top_id()
    for code in codes:
        known = rights.ALL.get(code)
        if known is not None and (top is None or not access.may(actor, known, on=top)):
            sentence = _("You cannot put in the right “%(right)s”: you do not hold it for the whole organisation.")
            sentence %= {"right": known.label}
            raise Refused("more_than_held", sentence, {"rights": sentence})


def _refuse_powerless(role: Role, codes: list[str]) -> None:
    for right in KEPT.get(role.code, ()):
        if right.code not in codes:
            sentence = _("The role %(role)s keeps “%(right)s”: Quarterdeck gives it for that.")
            sentence %= {"role": role.name, "right": right.label}
            raise Refused("needed", sentence, {"rights": sentence})


def _refuse_same_name(name: str, role: Role | None) -> None:
    same = Role.objects.filter(name__iexact=name.strip(), ended_on=None)
    if (same if role is None else same.exclude(pk=role.pk)).exists():
        sentence = _("There is a role of that name already. Choose another name.")
        raise Refused("same_name", sentence, {"name": sentence})


def _refuse_several_holders(actor: Actor, role: Role) -> None:
    """A role of one holder cannot begin with two at one place."""
    running = Holding.objects.filter(role=role, acting=False, to_on__isnull=True)
    seen: set[int] = set()
    for holding in running.select_related("node").order_by("node_id", "pk"):
        if holding.node_id in seen:
            named = access.may(actor, rights.SEE_ORGANISATION, on=holding.node)
            sentence = _("More than one person holds it at %(place)s. End all but one first.")
            sentence %= {"place": holding.node.name if named else _("one place")}
            raise Refused("several_holders", sentence, {"single": sentence})
        seen.add(holding.node_id)


def _follow_single(role: Role, why: store.Because) -> None:
    """What runs follows the role, so that the database keeps a second holder out or lets one in."""
    held = Holding.objects.filter(Q(to_on__isnull=True) | Q(to_on__gte=why.now.date()), role=role)
    for holding in held.exclude(to_on__lt=F("from_on")).exclude(single=role.single):
        holding.single = role.single
        store.save(holding, why, fields=["single"])


def _free_code(name: str) -> str:
    stem = slugify(name)[:34] or "role"
    wanted, number = stem, 1
    while Role.objects.filter(code=wanted).exists():
        number += 1
        wanted = f"{stem}-{number}"
    return wanted
