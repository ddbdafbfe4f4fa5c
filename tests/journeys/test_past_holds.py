"""A day of the past, as it was known at a moment, stays the same: whatever is written, corrected or removed later."""

import random
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils.http import urlencode

from quarterdeck.core import store
from quarterdeck.core.models import Holding, Node
from quarterdeck.core.services import accounts, nodes
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make

SPRING, SUMMER = date(2026, 3, 31), date(2026, 6, 30)
CONFIDENCE = ["G", "AG", "A", "AR", "R"]
PATHS = (
    "/portfolios/OPS/", "/portfolios/OPS/?compare=2026-03-31", "/portfolios/OPS/movers/", "/portfolios/OPS/how/cost/",
    "/portfolios/OPS/rows/projects/", "/projects/", "/projects/?page=2&sort=-cost", "/projects/?format=csv",
    "/projects/?format=csv&columns=ref,name,unit,sponsor,manager,programme,finish", "/projects/?q=Harbour",
    "/organisation/?format=csv", "/organisation/", "/projects/?compare_with=2026-03-31",
    "/projects/?compare_with=2026-03-31&format=csv", "/organisation/?compare_with=2026-03-31&format=csv",
)  # fmt: skip


def clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        ((now,),) = cursor.fetchall()
    assert isinstance(now, datetime)
    return now


def facts(chance: random.Random) -> dict[str, object]:
    start = SPRING + timedelta(days=chance.randrange(400))
    return {
        "confidence": chance.choice(CONFIDENCE),
        "whole_life_cost": Decimal(chance.randrange(1, 900) * 10_000),
        "baseline_finish": start,
        "forecast_finish": start + timedelta(days=chance.randrange(-30, 200)),
        "category": chance.choice(["Harbour", "Rail", "Grid"]),
    }


def grow(chance: random.Random) -> Portfolio:
    """A portfolio that was recorded in spring and in summer, with units, sponsors and a programme."""
    of = make.portfolio("Operations", ref="OPS", effective_on=SPRING)
    units = [core.unit(f"Unit {name}", effective_on=SPRING) for name in "ABC"]
    programme = make.programme(of, "Grid renewal", effective_on=SPRING)
    for number in range(70):
        for day in (SPRING, SUMMER):
            services.record_project(
                core.admin(),
                of,
                external_id=f"X-{number}",
                name=f"Project {number}",
                facts=facts(chance),
                unknown={},
                unit=units[number % 3],
                programme=programme if number % 5 == 0 else None,
                now=make.MONDAY,
                effective_on=day,
                reason="register.csv",
            )
    for person in (core.person(f"Sponsor {number}") for number in range(4)):
        for project in Project.objects.order_by("pk")[: 5 * (person.pk % 4 + 1)]:
            core.grant(person, "sponsor", project.node, from_on=SPRING)
    for day in (SPRING, SUMMER):
        services.take_snapshot(core.admin(), of, on=day, label="Register", rows=70, now=make.MONDAY)
    return of


def disturb(of: Portfolio, chance: random.Random, changes: int) -> dict[str, int]:
    """So many changes of every sort, dated before, on and after the day that is looked at, and removals."""
    admin, done = core.admin(), {"record": 0, "change": 0, "leave": 0, "hold": 0, "rename": 0, "remove": 0}
    people = [core.person(f"Newcomer {number}") for number in range(6)]
    for _step in range(changes):
        act = chance.choices(list(done), weights=[40, 30, 4, 14, 8, 4])[0]
        project = chance.choice(list(Project.objects.select_related("node", "portfolio__node").all()[:60]))
        day = chance.choice([SPRING, SPRING + timedelta(days=20), SUMMER, SUMMER + timedelta(days=9), None])
        if act == "record":
            services.record_project(
                admin, of, external_id=project.external_id, name=project.name, facts=facts(chance), unknown={},
                now=make.MONDAY, effective_on=day or make.MONDAY.date(), reason="correction.csv",
            )  # fmt: skip
        elif act == "change":
            services.change_project(admin, project, facts(chance), now=make.MONDAY)
        elif act == "leave" and project.left_on is None:
            services.leave_register(admin, project, on=make.MONDAY.date(), now=make.MONDAY, reason="gone.csv")
        elif act == "hold":
            services.name_holder(admin, project, "sponsor", chance.choice(people), now=make.MONDAY)
        elif act == "rename":
            node = chance.choice(list(Node.objects.filter(kind__in=["unit", "project", "programme"])))
            nodes.rename(node, f"{node.name} again"[:200], store.Because(None, make.MONDAY), actor=None)
        elif act == "remove":
            # No service removes; a repair by hand would.
            held = Holding.objects.filter(node__kind="project").order_by("-pk").first()
            if held is not None:
                held.delete()
        done[act] += 1
    for project in Project.objects.order_by("pk")[:10]:
        project.delete()
        done["remove"] += 1
    return done


def look(client: Client, known: datetime) -> dict[str, str]:
    """What is shown and exported as of summer, as known at a moment, without what differs in every answer."""
    found = {}
    for path in PATHS:
        asked = urlencode({"as_of": SUMMER.isoformat(), "known_at": known.isoformat()})
        answer = client.get(f"{path}{'&' if '?' in path else '?'}{asked}")
        assert answer.status_code == 200, path
        text = answer.content.decode()
        if "text/html" in answer.headers["Content-Type"]:
            (text,) = re.findall(r"<main.*</main>", text, re.DOTALL)
            # The moment of the answer itself is no fact of the past: a minute may end between two looks.
            text = re.sub(r'nonce="[^"]*"|csrfmiddlewaretoken"[^>]*|Computed \d[^.]*\.', "", text)
        found[path] = text
    return found


@pytest.mark.parametrize("changes", [300, pytest.param(1000, marks=pytest.mark.nightly)])
def test_a_past_day_is_the_same_after_many_later_changes_and_removals(committed: str, changes: int) -> None:
    chance = random.Random(7)
    of = grow(chance)
    client = Client()
    client.force_login(accounts.first_administrator(), backend="allauth.account.auth_backends.AuthenticationBackend")
    known = clock()
    before = look(client, known)
    assert "Project 3" in before["/projects/?format=csv"]
    today = client.get("/projects/?format=csv").content

    done = disturb(of, chance, changes)

    assert sum(done.values()) >= changes
    assert min(done.values()) > 0
    assert client.get("/projects/?format=csv").content != today
    after = look(client, known)
    assert [path for path in PATHS if after[path] != before[path]] == []
    # Known later the same day looks different: the corrections count then.
    assert look(client, clock())["/projects/?format=csv"] != before["/projects/?format=csv"]
