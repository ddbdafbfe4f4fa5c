"""A page of every line of the access table, with something on it, as the administrator of the demo organisation."""

from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from quarterdeck.core import access
from quarterdeck.core.models import Account, Holding, Person, Role
from quarterdeck.core.services import accounts, invitations
from quarterdeck.core.services.roles import ALWAYS
from quarterdeck.core.tests.sign_in.device import Device
from quarterdeck.exchange.tests import make as imports
from quarterdeck.projects.models import Portfolio, Programme, Project, Snapshot
from tests.access import TABLE, THINGS

# What is asked for by GET and is no page, and why.
NO_PAGES = {
    "file": "a download",
    "import_problems": "a download",
    "people_to_name": "JSON",
    "session_left": "JSON",
    "search_suggestions": "a part of a page",
    "edit_cell": "a part of a page",
}
# Addresses that a page has besides its plain one.
VARIANTS = [
    "/projects/?signal=late&tier=1", "/projects/?q=nothing+of+this+kind", "/projects/?control=unit",
    "/projects/?compare_with={then}", "/projects/{project}/?as_of={then}", "/projects/{project}/how/slip/",
    "/portfolios/{portfolio}/?as_of={then}", "/portfolios/{portfolio}/how/late/", "/portfolios/?as_of={then}",
    "/units/?as_of={then}", "/units/{unit}/?as_of={then}", "/people/?here=left", "/projects/left/?as_of={then}",
    "/search/?q=grid", "/search/?q=nothing+of+this+kind",
    "/people/{person}/access/?right=projects.see_project&place={portfolio}", "/people/{person}/?as_of={then}",
    "/people-at/portfolio/{portfolio}/give/", "/access/portfolio/{portfolio}/?as_of={then}",
    "/history/portfolio/{portfolio}/", "/history/person/{person}/", "/about/project/{project}/talk/?as_of={then}",
    "/about/project/{empty}/talk/", "/about/project/{empty}/files/", "/projects/{empty}/", "/projects/{empty}/people/",
    "/about/project/{project}/talk/?answer={comment}", "/notifications/?sort=job", "/imports/{waiting}/",
    "/imports/{uploaded}/columns/", "/jobs/{job}/?stay=1", "/ledger/?as_of={then}", "/nothing-here/",
]  # fmt: skip
# What somebody gets who is not signed in, and as what.
OUTSIDE = [
    "/accounts/sign-in/", "/accounts/sign-in/?next=/projects/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/password/reset/key/a-b/", "/accounts/inactive/",
    f"/sign-in/{'x' * 30}/", f"/invitation/{'x' * 43}/",
]  # fmt: skip


@dataclass
class Filled:
    """What the lines of the table name, as their rooms ask for it, in the demo organisation."""

    admin: access.Actor
    people: dict[str, Person]
    project: Project
    portfolio: Portfolio
    own: dict[str, str] = field(default_factory=dict)
    more: dict[str, list[str]] = field(default_factory=dict)


@transaction.atomic
def fill() -> Filled:
    """Puts a thing of each kind there; at once, so that the worker takes no import out of the builders' hands."""
    now = timezone.now()
    account: Account = accounts.first_administrator()
    Holding.objects.filter(person=account.person, role__code="administrator").update(from_on=ALWAYS)
    admin = access.actor_of_account(account, now=now, confirmed_at=now)
    running = Project.objects.filter(left_on__isnull=True).select_related("node", "portfolio__node").order_by("pk")
    project = running.filter(confidence="AR")[0]
    demo = project.portfolio
    # Whoever the rooms make things of is the one who looks at them.
    world = Filled(admin, {"manager": account.person}, project, demo)
    done, waiting = imports.imported(), imports.previewed(name="register-2.csv", as_of=imports.SEPTEMBER_25, **into())
    uploaded = imports.uploaded(name="register-3.csv", as_of=imports.MARCH_26, **into())
    bridge = Project.objects.get(external_id="A1")
    programme = Programme.objects.select_related("node").order_by("pk")[0]
    person = Holding.objects.filter(role__code="project_manager").select_related("person").order_by("pk")[0].person
    world.own |= {
        "project": project.ref, "portfolio": demo.node.ref, "programme": programme.node.ref, "unit": "CD",
        "person": str(person.uid), "role": "pmo_analyst", "import": str(done.uid), "waiting": str(waiting.uid),
        "uploaded": str(uploaded.uid), "empty": bridge.ref,
    }  # fmt: skip
    for kind, thing in THINGS.items():
        world.own[kind] = thing.own(world)
    world.own["job"] = world.own["look"]
    invited = invitations.invite(
        admin,
        email="nina@norhaven.example",
        name="Nina New",
        role=Role.objects.get(code="viewer"),
        on=demo.node,
        now=now,
    )
    passkey = Authenticator.objects.create(
        user=account,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Laptop", "credential": Device().make({"publicKey": {"challenge": "eHg"}}), "uses": 1},
        created_at=now,
    )
    world.more = {"invitation_one": [str(invited.uid)], "passkey_rename": [str(passkey.pk)]}
    world.own["then"] = Snapshot.objects.filter(portfolio=demo).order_by("on")[0].on.isoformat()
    return world


def into() -> dict[str, Any]:
    """A portfolio that files came into."""
    return {"into": Portfolio.objects.get(node__ref="ROADS")}


def inside(world: Filled) -> list[str]:
    """Every address of the table that a page answers, and what else these pages are asked for."""
    found = []
    for name, route in TABLE.items():
        if name in NO_PAGES or route.codes("get")["administrator"] == 405:
            continue
        more = world.more.get(name) or list(route.more.values())
        found.append(reverse(name, args=[*(world.own[each] for each in route.takes), *more]))
    return found + [each.format_map(world.own) for each in VARIANTS]
