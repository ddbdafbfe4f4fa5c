"""
CPU of application and database for the pages people open most, beside a page of the bare framework in the same run.

    python benchmarks/web.py [--projects 10000] [--rounds 40] [--batch 5] [--json]

A scratch embedded database in memory gets 10,000 projects with two snapshots and fresh statistics. Each page is asked
for in this process, through all of the application's middleware, signed in as somebody who may see every project.

The floor is what Django alone costs for a list of fifty, and asks the database for the same kind of work: the signed-in
session and its account; `SELECT COUNT(*)` over all projects; one statement that joins projects with their node, the
node's unit, their programme and its node, sorts all of them by forecast cost and id and takes fifty rows with every
column; twelve of these columns in a plain template. It has no rights, no filters, no choice of columns, no formatting
and no frame around the page.

CPU is that of this process and of its one database backend, from the operating system's own accounts (/proc), so it
does not matter what else the machine does. Parallel plans are off, because their helpers would be counted nowhere.
The pages take turns within a round, so that a slow moment hits all of them alike; printed are medians in milliseconds.

Goals: list, detail and API list at most twice the floor; the dashboard at most 150 ms.

With --json nothing but {"pages": {name: {"cpu_ms", "floor_cpu_ms", "ratio"}}} stands on standard output.
"""

import argparse
import json
import os
import statistics
import sys
from typing import Any

import scratch

from quarterdeck.site import memory

API = "/api/v1/projects"
FLOOR = "floor"
Pages = dict[str, tuple[str, dict[str, str]]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--batch", type=int, default=5, help="requests of one page in a row, within a round")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with scratch.database(durable=False) as owner:
        figures = measured(owner, arguments.projects, arguments.rounds, arguments.batch)
    report(figures, arguments.projects, as_json=arguments.json)
    return 0


def floor_page() -> Any:
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


def pages_of(bench: scratch.Portfolio, client: Any) -> Pages:
    """Name, address and headers of each page. The API list is left out, and says so, where there is none."""
    ref, last = bench.refs[len(bench.refs) // 2], max(1, len(bench.refs) // 100)
    portfolio, past = f"/portfolios/{bench.portfolio.ref}/", scratch.FIRST.isoformat()
    pages: Pages = {
        FLOOR: ("/floor/", {}),
        "list": ("/projects/", {}),
        "detail": (f"/projects/{ref}/", {}),
        "dashboard": (portfolio, {}),
        "list page 100": (f"/projects/?page={last}", {}),
        "list filtered": ("/projects/?confidence=R&tier=1", {}),
        "list searched": ("/projects/?q=number+77", {}),
        "list as of": (f"/projects/?as_of={past}", {}),
        "dashboard as of": (f"{portfolio}?as_of={past}", {}),
    }
    with_token = {"Authorization": f"Bearer {token_of(bench)}"}
    answer = client.get(API, headers=with_token)
    if answer.status_code == 200:
        pages["api list"] = (API, with_token)
    else:
        print(f"api list: left out, GET {API} answered {answer.status_code}", file=sys.stderr)
    return pages


def token_of(bench: scratch.Portfolio) -> str:
    """A key of the API that may read what the PMO lead sees."""
    from quarterdeck.core import access
    from quarterdeck.core.services import tokens

    lead = access.actor_of_account(bench.lead, now=bench.now, confirmed_at=bench.now)
    _token, text = tokens.make_token(lead, name="Bench", scopes=["read"], now=bench.now)
    return text


def measured(owner: str, count: int, rounds: int, batch: int) -> dict[str, dict[str, float]]:
    """Median CPU of application and database for each page."""
    from django.db import connection
    from django.test import Client
    from django.urls import path

    from quarterdeck.site import urls

    urls.urlpatterns.insert(0, path("floor/", floor_page()))
    bench = scratch.make_portfolio(count)
    scratch.analyse(owner)
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    client = Client()
    client.force_login(bench.lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    pages = pages_of(bench, client)

    def ask(name: str) -> None:
        address, headers = pages[name]
        answer = client.get(address, headers=headers)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")

    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    for _round in range(2):
        for name in pages:
            ask(name)
    memory.settle()  # as the web server does when it has loaded
    for _round in range(rounds):
        for name, found in taken.items():
            app, database = scratch.cpu_of(os.getpid()), scratch.cpu_of(backend)
            for _n in range(batch):
                ask(name)
            found.append(
                ((scratch.cpu_of(os.getpid()) - app) / batch, (scratch.cpu_of(backend) - database) / batch),
            )
    floor = statistics.median(a + d for a, d in taken[FLOOR])
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
        kept = ("cpu_ms", "floor_cpu_ms", "ratio")
        pages = {name: {key: round(row[key], 2) for key in kept} for name, row in figures.items() if name != FLOOR}
        print(json.dumps({"pages": pages}))
        return
    print(f"{count:,} projects, CPU in ms (median), 50 rows a page")
    print(f"{'page':<20}{'app':>8}{'database':>10}{'both':>8}{'× floor':>9}")
    for name, row in figures.items():
        print(f"{name:<20}{row['app_ms']:>8.1f}{row['database_ms']:>10.1f}{row['cpu_ms']:>8.1f}{row['ratio']:>9.2f}")


if __name__ == "__main__":
    sys.exit(main())
