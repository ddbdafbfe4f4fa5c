"""Operations on units, people, roles and who holds them, jobs, and the ledger."""

from collections.abc import Iterator
from typing import Any, Literal
from uuid import UUID

from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from quarterdeck.core import ledger, objects, rights, security
from quarterdeck.core.api.bearer import Call
from quarterdeck.core.api.naming import (
    PersonNamed,
    PlaceNamed,
    UidInPath,
    made,
    named,
    person_named,
    place_named,
    unknown,
)
from quarterdeck.core.api.operations import Answer, Described, check_unchanged, get, patch, post
from quarterdeck.core.api.problems import WrongRequest
from quarterdeck.core.api.shapes import Address, Day, DayText, Given, Instant, Name, Reason, Ref, Sent, Uid, UidText
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Holding, Job, Node, Person, Role
from quarterdeck.core.queries import organisation as questions
from quarterdeck.core.queries import sign_in
from quarterdeck.core.services import accounts, people, roles, units
from quarterdeck.core.web import limits

TAGS = ["Organisation"]
Kind = Literal["unit", "portfolio", "programme", "project"]
LONGEST_STREAM = 80


class UnitGiven(Given):
    """A unit of the organisation; the one without a parent is the whole."""

    ref: str
    name: str
    parent: str | None
    confidential: bool
    ended_on: DayText | None
    version: int
    page: str


class PersonGiven(Given):
    """Somebody who holds roles or is named in the work."""

    uid: UidText
    name: str
    email: str
    left_on: DayText | None
    page: str


class RoleGiven(Given):
    """A named set of rights."""

    code: str
    name: str
    description: str
    rights: list[str]
    single: bool
    needs_second_factor: bool
    ended_on: DayText | None
    version: int
    page: str


class HoldingGiven(Given):
    """A person holds a role at a place from a day to a day."""

    uid: UidText
    person: PersonNamed
    role: str
    place: PlaceNamed
    from_on: DayText
    to_on: DayText | None
    acting: bool
    version: int


class JobGiven(Given):
    """A piece of long work: how far it is and what came of it."""

    uid: UidText
    kind: str
    label: str
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    message: str
    created_at: Instant
    finished_at: Instant | None


class UnitSent(Sent):
    """A new unit. Without a reference it gets one from its name."""

    name: Name
    parent: Ref
    ref: Ref | None = None
    effective_on: Day | None = None
    reason: Reason = ""


class UnitChange(Sent):
    """Another name, another place, an end (null takes it away); from a day on and why."""

    name: Name | None = None
    parent: Ref | None = None
    ended_on: Day | None = None
    effective_on: Day | None = None
    reason: Reason = ""


class PersonSent(Sent):
    """A new person."""

    name: Name
    email: Address = ""


class PersonChange(Sent):
    """A corrected name or address."""

    name: Name | None = None
    email: Address | None = None


class HoldingSent(Sent):
    """Who is to hold which role where."""

    person: Uid
    role: Ref
    kind: Kind
    place: Ref
    from_on: Day | None = None
    to_on: Day | None = None
    acting: bool = False
    reason: Reason = ""


class HoldingChange(Sent):
    """The last day on which it is held; null: until further notice."""

    to_on: Day | None
    reason: Reason = ""


@get("/units/{ref}", UnitGiven, name="api_unit", tags=TAGS)
def unit(request: Call, ref: str) -> Answer:
    """A unit."""
    return Answer(unit_data(objects.find(request.actor, "unit", ref)))


@post("/units", UnitGiven, name="api_units", tags=TAGS)
def add_unit(request: Call, body: UnitSent) -> Answer:
    """Make a unit below another one."""
    new = units.add_unit(
        request.actor,
        name=body.name,
        parent=named(request, "unit", body.parent, "parent"),
        ref=body.ref or "",
        effective_on=body.effective_on,
        reason=body.reason,
        now=request.now,
    )
    return made(unit_data(new), "api_unit", new.ref)


@patch("/units/{ref}", UnitGiven, name="api_unit", tags=TAGS)
def change_unit(request: Call, ref: str, body: UnitChange) -> Answer:
    """Rename a unit, put it elsewhere, end it or bring it back."""
    found = objects.find(request.actor, "unit", ref)
    check_unchanged(request, unit_data(found))
    when: dict[str, Any] = {"now": request.now, "reason": body.reason}
    if body.name is not None:
        units.rename_unit(request.actor, found, name=body.name, effective_on=body.effective_on, **when)
    if body.parent is not None:
        target = named(request, "unit", body.parent, "parent")
        units.move_unit(request.actor, found, to=target, effective_on=body.effective_on, **when)
    if body.ended_on is not None:
        units.end_unit(request.actor, found, on=body.ended_on, **when)
    elif "ended_on" in body.model_fields_set:
        units.bring_back_unit(request.actor, found, **when)
    return Answer(unit_data(objects.find(request.actor, "unit", ref)))


@get("/people/{uuid:uid}", PersonGiven, name="api_person", tags=TAGS)
def person(request: Call, uid: UidInPath) -> Answer:
    """A person."""
    return Answer(person_data(objects.find(request.actor, "person", str(uid))))


@post("/people", PersonGiven, name="api_people", tags=TAGS)
def add_person(request: Call, body: PersonSent) -> Answer:
    """Make a person who can be named and hold roles."""
    new = accounts.add_person(request.actor, name=body.name, email=body.email, now=request.now)
    return made(person_data(new), "api_person", new.uid)


@patch("/people/{uuid:uid}", PersonGiven, name="api_person", tags=TAGS)
def change_person(request: Call, uid: UidInPath, body: PersonChange) -> Answer:
    """Correct a name or an address."""
    # A person has no history and no version: the row itself is held until the change is there.
    found = questions.people(request.actor).select_for_update(of=("self",)).filter(uid=uid).first()
    if found is None:
        raise NotFound
    check_unchanged(request, person_data(found))
    name = found.name if body.name is None else body.name
    email = found.email if body.email is None else body.email
    changed = people.change_person(request.actor, found, name=name, email=email, now=request.now)
    return Answer(person_data(changed))


@get("/roles/{code}", RoleGiven, name="api_role", tags=TAGS)
def role(request: Call, code: str) -> Answer:
    """A role and its rights."""
    return Answer(role_data(objects.find(request.actor, "role", code)))


@get("/holdings/{uuid:uid}", HoldingGiven, name="api_holding", tags=TAGS)
def holding(request: Call, uid: UidInPath) -> Answer:
    """Who holds a role where, and from when to when."""
    return Answer(holding_data(_holding(request, uid)))


@post("/holdings", HoldingGiven, name="api_holdings", tags=TAGS)
def give_role(request: Call, body: HoldingSent) -> Answer:
    """Let a person hold a role at a place; a role that one person holds at a time passes on."""
    place = named(request, body.kind, body.place, "place")
    node_id = objects.kind(body.kind).node_id(place)
    node = questions.node_of(node_id)
    if node is None:
        raise unknown("place")
    held = roles.give_role(
        request.actor,
        named(request, "person", body.person, "person"),
        named(request, "role", body.role, "role"),
        on=node,
        from_on=body.from_on,
        to_on=body.to_on,
        acting=body.acting,
        reason=body.reason,
        now=request.now,
    )
    return made(holding_data(held), "api_holding", held.uid)


@patch("/holdings/{uuid:uid}", HoldingGiven, name="api_holding", tags=TAGS)
def end_role(request: Call, uid: UidInPath, body: HoldingChange) -> Answer:
    """Say when a holding ends, or take its end away."""
    found = _holding(request, uid)
    check_unchanged(request, holding_data(found))
    if body.to_on is None:
        held = roles.continue_holding(request.actor, found, now=request.now, reason=body.reason)
    else:
        held = roles.end_holding(request.actor, found, last_day=body.to_on, now=request.now, reason=body.reason)
    return Answer(holding_data(held))


@get("/jobs/{uuid:uid}", JobGiven, name="api_job", tags=TAGS)
def job(request: Call, uid: UidInPath) -> Answer:
    """How far a piece of long work is. One's own alone."""
    found = questions.own_jobs(request.actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return Answer(job_data(found))


@get(
    "/ledger/export",
    None,
    name="api_ledger_export",
    tags=TAGS,
    single=False,
    parameters=[Described("stream", {"type": "string", "maxLength": LONGEST_STREAM}, "Only this chain.")],
    media={"application/jsonl": {"schema": {"type": "string"}}},
    past=False,
)
def export_ledger(request: Call) -> Any:
    """The ledger as JSON lines, chain by chain, for tools/verify_ledger.py."""
    if request.actor.top not in request.actor.nodes(rights.SEE_LEDGER):
        raise NotFound
    stream = request.GET.get("stream", "")
    if len(stream) > LONGEST_STREAM:
        raise WrongRequest("no_such_stream", _("A stream is named with at most 80 letters."))
    limits.take_out(request.account.pk, request.now)
    facts = {"confidential": sign_in.sees_confidential(request.actor), "format": "jsonl"}
    security.note("core.list.exported", at=request.now, outcome="done", facts=facts)
    return StreamingHttpResponse(
        _lines(stream or None),
        content_type="application/jsonl; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="ledger.jsonl"'},
    )


def _lines(stream: str | None) -> Iterator[str]:
    for line in ledger.export(stream):
        yield f"{line}\n"


def _holding(request: Call, uid: UUID) -> Holding:
    found = questions.holdings(request.actor).filter(uid=uid).first()
    if found is None:
        raise NotFound
    return found


def unit_data(found: Node) -> dict[str, Any]:
    return {
        "ref": found.ref,
        "name": found.name,
        "parent": found.unit.ref if found.unit else None,
        "confidential": found.confidential,
        "ended_on": found.ended_on,
        "version": found.version,
        "page": reverse("unit", args=[found.ref]),
    }


def person_data(found: Person) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "name": found.name,
        "email": found.email,
        "left_on": found.left_on,
        "page": reverse("person", args=[found.uid]),
    }


def role_data(found: Role) -> dict[str, Any]:
    return {
        "code": found.code,
        "name": found.name,
        "description": found.description,
        "rights": found.rights,
        "single": found.single,
        "needs_second_factor": found.needs_second_factor,
        "ended_on": found.ended_on,
        "version": found.version,
        "page": reverse("role", args=[found.code]),
    }


def holding_data(found: Holding) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "person": person_named(found.person),
        "role": found.role.code,
        "place": place_named(found.node),
        "from_on": found.from_on,
        "to_on": found.to_on,
        "acting": found.acting,
        "version": found.version,
    }


def job_data(found: Job) -> dict[str, Any]:
    return {
        "uid": found.uid,
        "kind": found.kind,
        "label": found.label,
        "state": found.state,
        "done": found.done,
        "total": found.total,
        "message": found.message,
        "created_at": found.created_at,
        "finished_at": found.finished_at,
    }
