"""
What the measurements share: a database that is thrown away, a portfolio to measure on, and the CPU of a process.

Not a measurement itself. Everything here happens in this process, and ends with it.
"""

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

FIRST, SECOND = date(2025, 9, 30), date(2026, 9, 30)  # the days of the two snapshots
STATES = ["G", "AG", "A", "AR", "R", ""]
TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def database(*, durable: bool) -> Iterator[str]:
    """
    A fresh embedded database with the application's settings, migrated, and Django loaded; gives its owner's address.

    durable : on a disk and set as in production; otherwise in memory, and nothing survives a crash.
    """
    from quarterdeck.site import config, embedded

    with tempfile.TemporaryDirectory(prefix="quarterdeck-bench-") as folder:
        os.environ.update(
            QUARTERDECK_DATA=folder,
            QUARTERDECK_BASE_URL="http://localhost:8000",
            QUARTERDECK_HOSTS="localhost,testserver,127.0.0.1",
            DJANGO_SETTINGS_MODULE="quarterdeck.site.settings",
        )
        with embedded.server(config.load()) if durable else embedded.test_server() as urls:
            if not durable:
                os.environ.update(QUARTERDECK_DATABASE_URL=urls.app, QUARTERDECK_OWNER_DATABASE_URL=urls.owner)
            subprocess.run([sys.executable, "-m", "quarterdeck", "migrate"], check=True, stdout=subprocess.DEVNULL)
            import django

            django.setup()
            logging.disable(logging.WARNING)
            yield urls.owner


def analyse(owner_url: str) -> None:
    """Statistics of the tables, as the server collects them on its own some minutes after a large import."""
    import psycopg

    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE")


def make_portfolio(count: int, *, name: str = "Bench", seed: int = 1) -> "Portfolio":
    """A founded organisation with one portfolio: projects with two snapshots a year apart, written in bulk."""
    return Portfolio(count, name, Random(seed))


class Portfolio:
    """The portfolio, its administrator, and a PMO lead who sees everything."""

    def __init__(self, count: int, name: str, chance: Random) -> None:
        from django.utils import timezone

        from quarterdeck.core import access, store
        from quarterdeck.core.models import Role
        from quarterdeck.core.services import accounts, roles
        from quarterdeck.projects import services

        self.chance, self.now = chance, timezone.now()
        _organisation, account = accounts.found_organisation(
            name=name, admin_name="Bea Bench", admin_email="bea@bench.example", now=self.now, currency="EUR"
        )
        self.admin = access.actor_of_account(account, now=self.now)
        self.why = store.Because(None, self.now, "bench", FIRST)
        self.portfolio = services.add_portfolio(
            self.admin, name=name, ref=name.upper(), currency="EUR", now=self.now, effective_on=FIRST
        )
        self.refs = self._make_projects(count)
        for day in (FIRST, SECOND):
            services.take_snapshot(
                self.admin, self.portfolio, on=day, label=f"Register {day}", rows=count, now=self.now
            )
        lead = accounts.new_person(name="Lena Lead", email="lena@bench.example", why=self.why)
        top = access.top_id()
        roles.hold(lead, Role.objects.get(code="pmo_lead"), on=_node(top), from_on=FIRST, why=self.why, actor=None)
        self.lead = accounts.new_account(lead, email="lena@bench.example", why=self.why)

    def _make_projects(self, count: int) -> list[str]:
        from django.db import transaction

        from quarterdeck.core import access, store
        from quarterdeck.core.models import Holding, Node, Role
        from quarterdeck.core.services import accounts
        from quarterdeck.projects import services
        from quarterdeck.projects.models import Project

        top, chance = _node(access.top_id()), self.chance
        units = store.create_all(
            [Node(kind="unit", ref=f"U{n}", name=f"Unit {n}", unit=top) for n in range(30)], self.why
        )
        programmes = [
            services.add_programme(
                self.admin, self.portfolio, name=f"Programme {n}", ref=f"PG{n}", now=self.now, effective_on=FIRST
            )
            for n in range(20)
        ]
        people = [accounts.new_person(name=f"Person {n}", why=self.why) for n in range(200)]
        manager = Role.objects.get(code="project_manager")
        homes = [chance.choice(programmes) for _ in range(count)]
        with transaction.atomic():
            nodes = store.create_all(
                [
                    Node(
                        kind="project",
                        ref=f"B-{n:05d}",
                        name=f"Project number {n}",
                        unit=chance.choice(units),
                        within=home.node,
                    )
                    for n, home in enumerate(homes)
                ],
                self.why,
            )
            places = enumerate(zip(nodes, homes, strict=True))
            projects = store.create_all([self._project(n, node, home) for n, (node, home) in places], self.why)
            store.create_all(
                [
                    Holding(person=chance.choice(people), role=manager, node=node, from_on=FIRST, single=True)
                    for node in nodes
                ],
                self.why,
            )
        with transaction.atomic():
            store.because(store.Because(None, self.now, "bench", SECOND))
            for project in projects:
                project.confidence = chance.choice(STATES)
                project.forecast_cost = project.forecast_cost * (95 + chance.randrange(20)) // 100
            Project.objects.bulk_update(projects, ["confidence", "forecast_cost"], batch_size=1000)
        return [node.ref for node in nodes]

    def _project(self, n: int, node: Any, programme: Any) -> Any:
        from quarterdeck.projects.models import Project

        chance = self.chance
        start = date(2023 + chance.randrange(3), chance.randrange(1, 13), 1)
        finish = date(start.year + 1 + chance.randrange(3), chance.randrange(1, 13), 28)
        budget = chance.randrange(100_000, 90_000_000)
        return Project(
            node=node,
            portfolio=self.portfolio,
            programme=programme,
            external_id=f"E{n}",
            currency="EUR",
            category=f"Category {n % 12}",
            stage="executing",
            confidence=chance.choice(STATES),
            baseline_start=start,
            baseline_finish=finish,
            forecast_start=start,
            forecast_finish=date(finish.year, chance.randrange(1, 13), 28),
            approved_budget=budget,
            forecast_cost=budget * (90 + chance.randrange(40)) // 100,
            tier=chance.randrange(1, 5),
            description="A project of the bench. " * 8,
            narrative="It goes on. " * 10,
        )


def _node(key: int | None) -> Any:
    from quarterdeck.core.models import Node

    return Node.objects.get(pk=key)


def cpu_of(pid: int) -> float:
    """Milliseconds of CPU a process of one thread used so far, from its schedstat where there is one (nanoseconds)."""
    stat = Path(f"/proc/{pid}/schedstat")
    if stat.exists():
        return int(stat.read_text().split()[0]) / 1e6
    return sum(_times(pid)[:2]) * 1000 / TICK


def cpu_of_family(pid: int) -> float:
    """Seconds of CPU a process, all below it, and those of them that ended used so far."""
    return sum(sum(_times(each)) for each in [pid, *family_of(pid)]) / TICK


def busy() -> float:
    """Seconds of CPU that everything on this machine used so far."""
    user, nice, system, _idle, _waiting, *rest = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + sum(rest)) / TICK


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def family_of(pid: int) -> list[int]:
    """A process's children, theirs, and so on."""
    found = children_of(pid)
    return found + [each for child in found for each in family_of(child)]


def _times(pid: int) -> list[int]:
    """Ticks of a process, and of its children that ended: in the program and in the system."""
    return [int(each) for each in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]]
