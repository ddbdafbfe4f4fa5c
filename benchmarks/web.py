"""
CPU of application and database for list, detail and dashboard, beside the bare framework in the same run.

    python benchmarks/web.py [--projects 10000] [--rounds 40] [--json]

A scratch embedded database gets 10,000 projects with two snapshots. The bare page is what Django alone costs for the
same job: session, signed-in account, a joined query for 50 rows with a count, twelve columns in a plain template, no
rights, no filters, no shell. CPU is measured on the process itself and on its database backend, from the operating
system's own accounts (/proc), over rounds that take turns, so that a slow moment of the machine hits all pages alike.
Printed are medians in milliseconds; list and detail should cost at most twice the bare page.
"""

import argparse
import gc
import json
import logging
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

STATES = ["G", "AG", "A", "AR", "R", ""]
TICK = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--batch", type=int, default=5, help="requests of one page in a row, within a round")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        prepare(stack)
        figures = run(arguments.projects, arguments.rounds, arguments.batch)
    report(figures, arguments.projects, as_json=arguments.json)
    return 0


def prepare(stack: ExitStack) -> None:
    """A scratch database with the application's settings, ended with this process."""
    import subprocess

    from quarterdeck.site import embedded

    urls = stack.enter_context(embedded.test_server())
    os.environ.update(
        QUARTERDECK_DATABASE_URL=urls.app,
        QUARTERDECK_OWNER_DATABASE_URL=urls.owner,
        QUARTERDECK_BASE_URL="http://localhost:8000",
        QUARTERDECK_HOSTS="localhost,testserver",
        QUARTERDECK_DATA=stack.enter_context(tempfile.TemporaryDirectory()),
        DJANGO_SETTINGS_MODULE="quarterdeck.site.settings",
    )
    subprocess.run([sys.executable, "-m", "quarterdeck", "migrate"], check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()
    logging.disable(logging.WARNING)


def make_projects(count: int) -> tuple[Any, str]:
    """Projects with two snapshots, written in bulk; gives the PMO lead's account and a project's reference."""
    from random import Random

    from django.db import transaction
    from django.utils import timezone

    from quarterdeck.core import access, store
    from quarterdeck.core.models import Node, Role
    from quarterdeck.core.services import accounts, roles
    from quarterdeck.projects import services
    from quarterdeck.projects.models import Project

    chance, now = Random(1), timezone.now()
    first, second = date(2025, 9, 30), date(2026, 9, 30)
    _organisation, account = accounts.found_organisation(
        name="Bench", admin_name="Bea Bench", admin_email="bea@bench.example", now=now, currency="EUR"
    )
    admin = access.actor_of_account(account, now=now)
    top = Node.objects.get(pk=access.top_id())
    portfolio = services.add_portfolio(admin, name="Bench", ref="BENCH", currency="EUR", now=now, effective_on=first)
    why = store.Because(None, now, "bench", first)
    units = store.create_all([Node(kind="unit", ref=f"U{n}", name=f"Unit {n}", unit=top) for n in range(30)], why)
    programmes = [
        services.add_programme(admin, portfolio, name=f"Programme {n}", ref=f"PG{n}", now=now, effective_on=first)
        for n in range(20)
    ]
    people = [accounts.new_person(name=f"Person {n}", why=why) for n in range(200)]
    manager = Role.objects.get(code="project_manager")
    with transaction.atomic():
        homes = [chance.choice(programmes) for _ in range(count)]
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
            why,
        )
        rows = []
        for n, node in enumerate(nodes):
            start = date(2023 + chance.randrange(3), chance.randrange(1, 13), 1)
            finish = date(start.year + 1 + chance.randrange(3), chance.randrange(1, 13), 28)
            budget = chance.randrange(100_000, 90_000_000)
            rows.append(
                Project(
                    node=node,
                    portfolio=portfolio,
                    programme=homes[n],
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
            )
        projects = store.create_all(rows, why)
        from quarterdeck.core.models import Holding

        store.create_all(
            [
                Holding(person=chance.choice(people), role=manager, node=node, from_on=first, single=True)
                for node in nodes
            ],
            why,
        )
    with transaction.atomic():
        store.because(store.Because(None, now, "bench", second))
        for project in projects:
            project.confidence = chance.choice(STATES)
            project.forecast_cost = project.forecast_cost * (95 + chance.randrange(20)) // 100
        Project.objects.bulk_update(projects, ["confidence", "forecast_cost"], batch_size=1000)
    for day in (first, second):
        services.take_snapshot(admin, portfolio, on=day, label=f"Register {day}", rows=count, now=now)
    lead = accounts.new_person(name="Lena Lead", email="lena@bench.example", why=why)
    roles.hold(lead, Role.objects.get(code="pmo_lead"), on=top, from_on=first, why=why, actor=None)
    return accounts.new_account(lead, email="lena@bench.example", why=why), nodes[count // 2].ref


def bare_page() -> Any:
    """Django alone: a list of fifty, joined and counted, with twelve columns in a plain template."""
    from django.core.paginator import Paginator
    from django.http import HttpRequest, HttpResponse
    from django.template import engines

    from quarterdeck.projects.models import Project

    cells = "".join(
        f"<td>{{{{ p.{name} }}}}</td>"
        for name in (
            "node.ref",
            "node.name",
            "node.unit.name",
            "programme.node.name",
            "tier",
            "get_stage_display",
            "confidence",
            "forecast_finish",
            "baseline_finish",
            "approved_budget",
            "forecast_cost",
            "category",
        )
    )
    template = engines["django"].from_string(
        "<!doctype html><title>List</title><p>{{ request.user.email }}</p><table>{% for p in page %}<tr>"
        + cells
        + "</tr>{% endfor %}</table><p>{{ page.paginator.count }}</p>"
    )

    def view(request: HttpRequest) -> HttpResponse:
        found = Project.objects.select_related("node__unit", "programme__node").order_by("-forecast_cost", "pk")
        return HttpResponse(template.render({"page": Paginator(found, 50).page(1)}, request))

    return view


def cpu_of(pid: int) -> float:
    """Milliseconds of CPU a process used so far, from its schedstat where there is one (nanoseconds)."""
    stat = Path(f"/proc/{pid}/schedstat")
    if stat.exists():
        return int(stat.read_text().split()[0]) / 1e6
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICK


def run(count: int, rounds: int, batch: int) -> dict[str, dict[str, float]]:
    """Median CPU of application and database for each page."""
    from django.db import connection
    from django.test import Client
    from django.urls import path

    from quarterdeck.site import urls

    urls.urlpatterns.append(path("bare/", bare_page()))
    account, ref = make_projects(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    pages: dict[str, str] = {
        "bare": "/bare/",
        "list": "/projects/",
        "list, page 100": "/projects/?page=100",
        "list, filtered": "/projects/?confidence=R&tier=1",
        "list, searched": "/projects/?q=number+77",
        "detail": f"/projects/{ref}/",
        "dashboard": "/portfolios/BENCH/",
        "dashboard, as of": "/portfolios/BENCH/?as_of=2025-09-30",
        "list, as of": "/projects/?as_of=2025-09-30",
    }

    def ask(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")

    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    for _round in range(2):
        for address in pages.values():
            ask(address)
    # As the web server does when it has loaded; for all pages alike.
    gc.collect()
    gc.freeze()
    for _round in range(rounds):
        for name, address in pages.items():
            app, database = cpu_of(os.getpid()), cpu_of(backend)
            for _n in range(batch):
                ask(address)
            taken[name].append(((cpu_of(os.getpid()) - app) / batch, (cpu_of(backend) - database) / batch))
    floor = statistics.median(a + d for a, d in taken["bare"])
    return {
        name: {
            "app_ms": statistics.median(a for a, _ in pairs),
            "database_ms": statistics.median(d for _, d in pairs),
            "cpu_ms": (cpu := statistics.median(a + d for a, d in pairs)),
            "floor_cpu_ms": floor,
            "ratio": cpu / floor,
        }
        for name, pairs in taken.items()
    }


def report(figures: dict[str, dict[str, float]], count: int, *, as_json: bool) -> None:
    """A table for people, or JSON alone."""
    if as_json:
        rounded = {name: {key: round(value, 2) for key, value in row.items()} for name, row in figures.items()}
        print(json.dumps({"projects": count, "pages": rounded}))
        return
    print(f"{count:,} projects, CPU in ms (median), 50 rows a page")
    print(f"{'page':<20}{'app':>8}{'database':>10}{'both':>8}{'× bare':>8}")
    for name, row in figures.items():
        print(f"{name:<20}{row['app_ms']:>8.1f}{row['database_ms']:>10.1f}{row['cpu_ms']:>8.1f}{row['ratio']:>8.2f}")


if __name__ == "__main__":
    sys.exit(main())
