"""Portfolios and programmes are made; the state of a portfolio is recorded for a day."""

import re
import secrets
from datetime import date, datetime

from django.db import transaction
from django.db.models.functions import Now

from quarterdeck.core import access, ledger, store
from quarterdeck.core.access import Actor
from quarterdeck.core.errors import Refused
from quarterdeck.core.models import Node, Role
from quarterdeck.core.services import nodes, roles
from quarterdeck.projects import rights
from quarterdeck.projects.models import NumberSeries, Portfolio, Programme, Project, Snapshot

# Letters and digits that nobody takes for one another.
CLEAR = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def unguessable() -> str:
    """
    What makes the reference of something confidential one that nobody outside meets.

    A number would leave a gap in the series of the others, and a plain word would be refused to whoever wants it too.
    """
    return secrets.choice(CLEAR[:24]) + "".join(secrets.choice(CLEAR) for _ in range(4))


def check_reference(ref: str) -> None:
    """Refuse a reference that cannot stand in an address."""
    if re.search(r"[/\\?#%\x00-\x1f]", ref) or ref.strip().casefold() in {"new", ".", ".."}:
        sentence = "A reference stands in addresses: no slash, question mark, hash or percent sign, and not “new”."
        raise Refused("no_reference", sentence, {"ref": sentence, "new_ref": sentence})


def default_prefix(ref: str) -> str:
    """Letters that begin the references of a portfolio's projects."""
    letters = re.sub(r"[^A-Za-z]", "", ref).upper()
    return letters[:4] or "PRJ"


def _free_prefix(wanted: str) -> str:
    """The prefix, or with the first number that makes it differ from those of all portfolios."""
    taken = set(Portfolio.objects.filter(prefix__startswith=wanted).values_list("prefix", flat=True))
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}{number}"
    return found


@transaction.atomic
def add_portfolio(
    actor: Actor,
    *,
    name: str,
    ref: str,
    currency: str,
    now: datetime,
    unit: Node | None = None,
    prefix: str = "",
    confidential: bool = False,
    effective_on: date | None = None,
) -> Portfolio:
    """
    Make a portfolio below a unit (default: the whole organisation).

    The circle of a confidential portfolio begins with its maker, who becomes its portfolio manager. Its reference and
    those of its projects carry letters that nobody outside comes upon.
    """
    parent = unit or Node.objects.get(kind="unit", unit__isnull=True)
    access.require(actor, rights.MANAGE_PORTFOLIO, on=parent)
    nodes.refuse_ended(parent, "unit")
    check_reference(ref)
    prefix = (prefix or default_prefix(ref)).upper()
    if confidential:
        ref, prefix = f"{ref.strip()[:34]}-{unguessable()}", f"{prefix[:4]}{unguessable()}"
    why = store.Because(actor.person_id, now, effective_on=effective_on)
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Refused("no_currency", "A currency has three capital letters, such as EUR.", {"currency": "Such as EUR."})
    node = nodes.make_node(
        Node(kind="portfolio", name=name.strip(), ref=ref.strip(), unit=parent, confidential=confidential),
        why,
        actor=actor,
    )
    portfolio = store.create(Portfolio(node=node, currency=currency, prefix=_free_prefix(prefix)), why)
    NumberSeries.objects.create(portfolio=portfolio)
    if confidential:
        role = Role.objects.get(code="portfolio_manager")
        roles.hold(actor.person, role, on=node, from_on=why.day, why=why, actor=actor)
    return portfolio


@transaction.atomic
def add_programme(
    actor: Actor,
    portfolio: Portfolio,
    *,
    name: str,
    ref: str,
    now: datetime,
    unit: Node | None = None,
    confidential: bool = False,
    effective_on: date | None = None,
) -> Programme:
    """Make a programme within a portfolio; the circle of a confidential one begins with its maker."""
    access.require(actor, rights.MANAGE_PORTFOLIO, on=portfolio.node_id, seen_by=rights.SEE_PROJECT)
    nodes.refuse_ended(portfolio.node, "portfolio")
    check_reference(ref)
    if confidential:
        ref = f"{ref.strip()[:34]}-{unguessable()}"
    why = store.Because(actor.person_id, now, effective_on=effective_on)
    node = nodes.make_node(
        Node(
            kind="programme",
            name=name.strip(),
            ref=ref.strip(),
            unit=unit,
            within=portfolio.node,
            confidential=confidential,
        ),
        why,
        actor=actor,
        stream=ledger.stream_of(portfolio.node),
    )
    if confidential:
        role = Role.objects.get(code="portfolio_manager")
        roles.hold(actor.person, role, on=node, from_on=why.day, why=why, actor=actor)
    return store.create(Programme(node=node, portfolio=portfolio), why)


@transaction.atomic
def make_confidential(
    actor: Actor, thing: Portfolio | Programme | Project, *, confidential: bool, now: datetime
) -> None:
    """
    Hide a portfolio, programme or project from all outside its circle, or open it.

    Who does it must stay inside: the last step out of the circle is not taken by accident.
    """
    access.require(actor, rights.MANAGE_PORTFOLIO, on=thing.node_id, seen_by=rights.SEE_PROJECT)
    node = Node.objects.get(pk=thing.node_id)
    if node.confidential == confidential:
        return
    if not confidential:
        access.require_confirmed(actor, now=now)
    why = store.Because(actor.person_id, now)
    if confidential:
        role = Role.objects.get(code="portfolio_manager")
        roles.hold(actor.person, role, on=node, from_on=now.date(), why=why, actor=actor)
    node.confidential = confidential
    store.save(node, why, fields=["confidential"])
    ledger.record(
        actor,
        f"projects.{node.kind}.made_confidential" if confidential else f"projects.{node.kind}.opened",
        on=node,
        at=now,
    )


@transaction.atomic
def take_snapshot(
    actor: Actor, portfolio: Portfolio, *, on: date, label: str, rows: int, now: datetime, source: str = ""
) -> Snapshot:
    """
    Record that the portfolio's state of a day is known from now on.

    known_at is the database's instant of this transaction, the same that the row versions carry.
    """
    access.require(actor, rights.ADD_PROJECT, on=portfolio.node_id, seen_by=rights.SEE_PROJECT)
    snapshot = Snapshot.objects.create(
        portfolio=portfolio,
        on=on,
        label=label[:200],
        source=source,
        rows=rows,
        known_at=Now(),
        recorded_by_id=actor.person_id,
    )
    snapshot.refresh_from_db(fields=["known_at"])
    return snapshot
