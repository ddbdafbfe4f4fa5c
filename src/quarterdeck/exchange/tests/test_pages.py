"""The pages of imports: the wizard without scripts, what each reader is shown, and what a download holds."""

import csv
import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from quarterdeck.core import jobs
from quarterdeck.core.doors import Hourly
from quarterdeck.core.models import Account, Job
from quarterdeck.core.services import accounts
from quarterdeck.core.tests import make as core
from quarterdeck.core.web import navigation
from quarterdeck.exchange.models import Import, NamedMapping
from quarterdeck.exchange.tests import make
from quarterdeck.exchange.tests.make import MARCH_26
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make as projects
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    core.admin()
    found = Client()
    found.force_login(accounts.first_administrator(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return found


def signed_in(account: Account) -> Client:
    found = Client()
    found.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return found


def upload(client: Client, content: bytes = make.TWO, name: str = "register.csv", **more: Any) -> Any:
    data = {"new_name": "Roads", "new_ref": "ROADS", "new_currency": "EUR", "as_of": "2025-03-31", **more}
    return client.post(reverse("import_new"), {"file": SimpleUploadedFile(name, content), **data})


def test_the_eleventh_file_in_an_hour_waits(client: Client, settings: Any) -> None:
    settings.HOURLY = Hourly(exports=10, imports=10)
    client.raise_request_exception = False
    sent = [upload(client, make.TWO + b"A9%d,Another,,,,,\n" % number).status_code for number in range(10)]
    late = upload(client, make.TWO + b"A99,Another,,,,,\n")
    assert sent == [302] * 10
    assert late.status_code == 429
    assert 3_000 < int(late.headers["Retry-After"]) <= 3_600
    assert Import.objects.count() == 10
    assert client.get(reverse("import_new")).status_code == 200
    figure("R31", "10 an hour and account, the 11th 429 with Retry-After", part="import")


def columns_sent(found: Import, **changed: str) -> dict[str, str]:
    """What a browser sends when nobody touches the page of columns."""
    fills = {
        "A": "external_id",
        "B": "name",
        "C": "unit",
        "D": "confidence",
        "E": "forecast_finish",
        "F": "whole_life_cost",
    }
    sent = {f"c{c['index']}": fills.get(c["letter"], "") for c in found.look["columns"]}
    return sent | {"as_of": "2025-03-31", "currency": "EUR"} | changed


def work() -> None:
    """What the worker does."""
    for job in Job.objects.filter(state="waiting"):
        jobs.run(job.pk)


def test_the_wizard_goes_from_file_to_report(client: Client) -> None:
    assert upload(client).status_code == 302
    found = Import.objects.get()
    page = client.get(reverse("import_columns", args=[found.uid]))
    assert page.status_code == 200
    assert "Whole life cost (€m)" in page.content.decode()

    assert client.post(reverse("import_columns", args=[found.uid]), columns_sent(found)).status_code == 302
    waiting = client.get(reverse("import", args=[found.uid])).content.decode()
    assert "Reading register.csv" in waiting
    work()
    shown = client.get(reverse("import", args=[found.uid])).content.decode()
    assert "Import all 2 rows" in shown
    assert not Project.objects.exists()

    client.post(reverse("import_run", args=[found.uid]))
    work()
    report = client.get(reverse("import", args=[found.uid])).content.decode()
    assert "Register imported" in report
    assert Project.objects.count() == 2
    assert reverse("portfolio_dashboard", args=["ROADS"]) in report


def test_a_page_that_waits_is_told_to_load_again_when_the_job_is_over(client: Client) -> None:
    upload(client)
    found = Import.objects.get()
    client.post(reverse("import_columns", args=[found.uid]), columns_sent(found))
    address = reverse("import", args=[found.uid])
    asked = client.get(address, headers={"HX-Request": "true"})
    assert "hx-trigger" in asked.content.decode()
    assert "<html" not in asked.content.decode()
    work()
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Redirect"] == address


def test_an_import_that_was_outdated_says_so_and_can_be_looked_at_again(client: Client) -> None:
    done = make.imported()
    found = make.previewed(make.register("A1,Bridge,Roads,Red,2027-03-31,10,x"), into=done.portfolio, as_of=MARCH_26)
    address = reverse("import", args=[found.uid])
    client.post(reverse("import_run", args=[found.uid]))
    make.imported(make.register("A1,Bridge,Roads,Amber,2027-03-31,10,x"), into=done.portfolio, as_of=make.SEPTEMBER_25)
    work()
    assert "Nothing was imported." in client.get(address).content.decode()

    client.post(reverse("import_preview", args=[found.uid]))
    work()
    client.post(reverse("import_run", args=[found.uid]))
    work()
    assert "Register imported" in client.get(address).content.decode()


def test_a_file_that_cannot_be_read_is_refused_on_the_form_and_what_was_typed_stays(client: Client) -> None:
    answer = upload(client, b"%PDF-1.7", new_name="My roads", new_ref="MY-ROADS")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "not a table" in page
    assert 'value="My roads"' in page
    assert not Import.objects.exists()


def test_a_new_portfolio_needs_a_name_and_a_reference(client: Client) -> None:
    answer = upload(client, new_name="", new_ref="")
    assert (answer.status_code, Import.objects.count()) == (422, 0)
    assert "Give the new portfolio a name" in answer.content.decode()


def test_a_portfolio_is_chosen_or_named_and_never_both(client: Client) -> None:
    done = make.imported()
    answer = upload(client, portfolio=done.portfolio.ref, new_name="Rail", new_ref="RAIL", new_currency="")
    assert (answer.status_code, Import.objects.count()) == (422, 1)
    page = answer.content.decode()
    assert "Roads is chosen above. Choose “A new portfolio” there, or leave this empty." in page
    assert 'value="Rail"' in page


def test_giving_up_says_first_what_it_does(client: Client) -> None:
    found = make.previewed()
    address = reverse("import_abandon", args=[found.uid])
    page = client.get(address).content.decode()
    assert "The file register.csv, its columns and its preview are deleted." in page
    found.refresh_from_db()
    assert found.state == "previewed"

    client.post(address)
    found.refresh_from_db()
    assert found.state == "abandoned"
    assert client.get(address).headers["Location"] == reverse("import", args=[found.uid])


def test_the_page_of_columns_says_which_units_will_be_made(client: Client) -> None:
    make.imported()
    upload(client, make.register("B1,Dam,Roads,Green,2027-03-31,1,x", "B2,Lock,Water,Green,2027-03-31,1,x"),
           new_ref="WATER")  # fmt: skip
    found = Import.objects.get(new_ref="WATER")
    page = client.get(reverse("import_columns", args=[found.uid])).content.decode()
    assert "1 unit will be made" in page
    assert "not understood" not in page


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\temp\\register.csv", "/abs/register.csv", "a\x00b.csv", "x" * 400]
)
def test_a_file_name_is_a_name_and_no_path(client: Client, name: str) -> None:
    upload(client, name=name)
    for found in Import.objects.all():
        assert not set("/\\\x00") & set(found.file_name)
        assert len(found.file_name) <= 200


def test_columns_that_are_sent_wrong_are_shown_again_as_they_were_chosen(client: Client) -> None:
    upload(client)
    found = Import.objects.get()
    sent = columns_sent(found, c0="", as_of="tomorrow", save_as="My mapping")
    answer = client.post(reverse("import_columns", args=[found.uid]), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say which column holds the id" in page
    assert 'value="My mapping"' in page
    found.refresh_from_db()
    assert (found.state, NamedMapping.objects.count()) == ("uploaded", 0)


def test_a_word_that_means_nothing_is_mapped_on_the_page_and_the_mapping_is_kept(client: Client) -> None:
    upload(
        client,
        make.register(
            *(f"A{n},Bridge {n},Roads,{w},2027-03-31,10,x" for n, w in enumerate("GGGGA")),
            "B1,T,Roads,Purple,2027-01-01,1,x",
        ),
    )
    found = Import.objects.get()
    words = next(c["words"] for c in found.look["columns"] if c["letter"] == "D")
    number = [word for word, _count in words].index("Purple")
    sent = columns_sent(found, **{f"w3_{number}": "AR", "save_as": "Roads yearly"})
    client.post(reverse("import_columns", args=[found.uid]), sent)
    work()

    row = found.rows.get(external_id="B1")
    assert row.figures["confidence"] == "AR"
    kept = NamedMapping.objects.get()
    assert (kept.name, kept.definition["values"]) == ("Roads yearly", {"confidence": {"Purple": "AR"}})


def test_one_column_can_be_id_and_name(client: Client) -> None:
    upload(client, make.register("Bridge,Roads", "Tunnel,Roads", header="Project Name,Department"))
    found = Import.objects.get()
    client.post(
        reverse("import_columns", args=[found.uid]),
        {"c0": "id_and_name", "c1": "unit", "as_of": "2025-03-31", "currency": "EUR"},
    )
    work()
    assert sorted(found.rows.values_list("external_id", "name")) == [("Bridge", "Bridge"), ("Tunnel", "Tunnel")]


def test_a_register_without_ids_is_warned_of_renamed_projects(client: Client) -> None:
    upload(client, make.register("Bridge,Roads", "Tunnel,Roads", header="Project Name,Department"))
    page = client.get(reverse("import_columns", args=[Import.objects.get().uid])).content.decode()
    assert "A renamed project looks like a new one." in page


def test_another_line_can_be_chosen_for_the_names(client: Client) -> None:
    upload(client, b"My portfolio,,\nProject ID,Project Name,RAG\nA1,Bridge,Green\nA2,Tunnel,Red\n")
    found = Import.objects.get()
    assert found.header_line == 2
    client.post(reverse("import_table", args=[found.uid]), {"sheet": "", "header_line": "3"})
    found.refresh_from_db()
    assert [column["label"] for column in found.look["columns"]] == ["A1", "Bridge", "Green"]
    answer = client.post(reverse("import_table", args=[found.uid]), {"sheet": "", "header_line": "99"})
    assert answer.status_code == 422


def test_counts_filter_the_rows_and_lists_are_paged(client: Client) -> None:
    lines = [f"A{n},Bridge {n},Roads,Green,2027-03-31,10,x" for n in range(60)]
    found = make.previewed(make.register(*lines, ",No id,Roads,Green,2027-03-31,10,x"))
    address = reverse("import", args=[found.uid])
    assert "Import 60 of 61 rows" in client.get(address).content.decode()
    assert client.get(address, {"page": "2"}).content.decode().count('<td class="qd-ph-state">') == 11
    refused = client.get(address, {"show": "refused"}).content.decode()
    assert refused.count('<td class="qd-ph-state">') == 1
    assert "The row has no id" in refused
    for odd in ({"page": "0"}, {"page": "x"}, {"page": "999"}, {"show": "x"}, {"moved": "x"}):
        assert client.get(address, odd).status_code == 200


def test_nothing_in_the_download_of_problems_is_a_formula(client: Client) -> None:
    nasty = ["=1+1", "+1+1", "-cmd", "@SUM(A1)", "\t=1", "＝1"]
    header = "Project ID,Project Name,RAG,=HYPERLINK(1)"
    content = make.register(
        *(f'A{n},Bridge,"{text}",x' for n, text in enumerate(nasty)), "B1,Bridge,Green,x", header=header
    )
    upload(client, content)
    found = Import.objects.get()
    sent = {
        "c0": "external_id",
        "c1": "name",
        "c2": "confidence",
        "c3": "forecast_finish",
        "as_of": "2025-03-31",
        "currency": "EUR",
    }
    client.post(reverse("import_columns", args=[found.uid]), sent)
    work()

    answer = client.get(reverse("import_problems", args=[found.uid]))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(nasty) + len(nasty) + 1
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "＝"}]
    assert "'=1+1" in cells
    assert "'=HYPERLINK(1)" in cells


def test_what_a_file_says_is_shown_as_text(client: Client) -> None:
    evil = "<script>alert(1)</script>"
    upload(
        client,
        make.register(
            f"A1,{evil},{evil},{evil},{evil},{evil},{evil}",
            header="Project ID,Project Name,Department,RAG,Finish,Cost,Note",
        ),
        name=f"{evil}.csv",
    )
    found = Import.objects.get()
    pages = [client.get(reverse("import_columns", args=[found.uid]))]
    sent = columns_sent(found)
    client.post(reverse("import_columns", args=[found.uid]), sent)
    work()
    pages.append(client.get(reverse("import", args=[found.uid])))
    client.post(reverse("import_run", args=[found.uid]))
    work()
    ref = Project.objects.get().node.ref
    pages += [
        client.get(reverse("import", args=[found.uid])),
        client.get(reverse("project_import", args=[ref])),
        client.get(reverse("imports")),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()


def test_an_import_of_others_answers_like_one_that_does_not_exist() -> None:
    of = projects.portfolio("Roads", "ROADS")
    found = make.previewed(into=of)
    stranger = core.person()
    core.grant(stranger, "pmo_analyst", projects.portfolio("Other").node)
    client = signed_in(core.account(stranger))
    before = make.everything()
    for route, method in (
        ("import", "get"), ("import_columns", "get"), ("import_columns", "post"), ("import_table", "post"),
        ("import_preview", "post"), ("import_run", "post"), ("import_abandon", "post"), ("import_problems", "get"),
    ):  # fmt: skip
        answers = [getattr(client, method)(reverse(route, args=[uid])) for uid in (found.uid, uuid.uuid4())]
        assert [answer.status_code for answer in answers] == [404, 404], route
    after = make.everything()
    assert {table for table in after if after[table] != before[table]} <= {"core_signedinsession", "core_securityevent"}


def test_who_may_not_import_has_no_page_for_it() -> None:
    projects.portfolio("Roads", "ROADS")
    viewer = core.person()
    core.grant(viewer, "viewer", core.top())
    client = signed_in(core.account(viewer))
    assert [client.get(reverse(route)).status_code for route in ("imports", "import_new")] == [404, 404]
    assert reverse("imports") not in client.get(reverse("projects")).content.decode()


def test_the_tab_of_a_project_shows_every_cell_of_its_latest_row(client: Client) -> None:
    make.imported()
    of = Portfolio.objects.get(node__ref="ROADS")
    make.imported(make.register("A1,Bridge,Roads,Red,2027-03-31,10,later words"), into=of, as_of=MARCH_26)
    ref = Project.objects.get(external_id="A1").node.ref

    today = client.get(reverse("project_import", args=[ref])).content.decode()
    then = client.get(reverse("project_import", args=[ref]), {"as_of": "2025-12-31"}).content.decode()

    assert "later words" in today
    assert "kept only" in today
    assert "first" in then
    assert "later words" not in then
    assert reverse("project_import", args=[ref]) in client.get(reverse("project", args=[ref])).content.decode()


def test_in_the_past_there_are_imports_to_read_and_none_to_decide(client: Client) -> None:
    done = make.imported()
    open_one = make.previewed(into=done.portfolio, as_of=MARCH_26)
    past = {"as_of": "2025-12-31"}
    page = client.get(reverse("imports"), past).content.decode()
    assert str(done.uid) in page
    assert str(open_one.uid) not in page
    assert client.get(reverse("import", args=[open_one.uid]), past).status_code == 404
    assert client.get(reverse("import", args=[done.uid]), past).status_code == 200
    assert client.post(reverse("import_run", args=[open_one.uid]) + "?as_of=2025-12-31").status_code == 422


def test_a_preview_waits_in_my_work_until_it_is_decided() -> None:
    actor = core.admin()
    found = make.previewed(by=actor)
    waiting = [thing for thing in navigation.waiting(actor) if str(found.uid) in thing.url]
    assert [thing.title for thing in waiting] == ["Import register.csv"]
    from quarterdeck.exchange import services

    services.abandon(actor, found, now=make.MONDAY)
    assert not [thing for thing in navigation.waiting(actor) if str(found.uid) in thing.url]


def test_the_same_file_again_is_pointed_out(client: Client) -> None:
    done = make.imported()
    upload(client, portfolio=done.portfolio.ref, new_name="", new_ref="", new_currency="")
    found = Import.objects.exclude(pk=done.pk).get()
    page = client.get(reverse("import_columns", args=[found.uid])).content.decode()
    assert "This very file was imported into Roads" in page
    assert reverse("import", args=[done.uid]) in page


def test_the_next_file_starts_with_the_columns_of_the_last_one(client: Client) -> None:
    upload(client)
    first = Import.objects.get()
    client.post(
        reverse("import_columns", args=[first.uid]), columns_sent(first) | {f"c{_index(first, 'C')}": "category"}
    )
    work()
    client.post(reverse("import_run", args=[first.uid]), {"digest": Import.objects.get().digest})
    work()
    first.refresh_from_db()
    assert first.state == "imported"

    upload(client, as_of="", portfolio=first.portfolio.ref, new_name="", new_ref="", new_currency="")
    second = Import.objects.exclude(pk=first.pk).get()
    assert "category" in second.mapping["columns"]
    assert "unit" not in second.mapping["columns"]
    assert second.as_of != first.as_of


def _index(found: Import, letter: str) -> int:
    return next(int(column["index"]) for column in found.look["columns"] if column["letter"] == letter)


def test_a_file_without_most_of_the_portfolio_asks_whether_it_is_whole(client: Client) -> None:
    rows = [f"A{n},Project {n},Roads,Green,2027-03-31,10," for n in range(5)]
    done = make.imported(make.register(*rows))
    portfolio = done.portfolio
    assert portfolio is not None
    found = make.previewed(make.register(rows[0]), into=portfolio, as_of=MARCH_26)
    page = client.get(reverse("import", args=[found.uid])).content.decode()
    assert "4 projects of Roads are not in this file" in page
    whole = make.previewed(make.register(*rows), into=portfolio, as_of=MARCH_26)
    assert "not in this file" not in client.get(reverse("import", args=[whole.uid])).content.decode()
