"""Pages of projects: who sees what, what a refusal shows, what the past forbids."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from quarterdeck.core.forms import AmountField
from quarterdeck.core.models import LedgerEntry, Person
from quarterdeck.core.registers import LEDGER
from quarterdeck.core.tests import make as core
from quarterdeck.projects import services
from quarterdeck.projects.models import Portfolio, Project
from quarterdeck.projects.tests import make
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(core.account(person), backend=BACKEND)
    return client


@pytest.fixture
def portfolio() -> Portfolio:
    """Three projects, known since March 2022; the third is confidential."""
    found = make.portfolio(effective_on=date(2022, 3, 31))
    make.recorded(found, date(2022, 3, 31), "X-1", "Tariff engine", forecast_cost=Decimal(2_000_000), confidence="A")
    make.recorded(found, date(2022, 3, 31), "X-2", "=Leakage analytics", forecast_cost=Decimal(500), confidence="R")
    hidden = make.recorded(found, date(2022, 3, 31), "X-3", "Hidden project", forecast_cost=Decimal(7)).project
    services.make_confidential(core.admin(), hidden, confidential=True, now=make.MONDAY)
    return found


def someone_with(role: str, on: Project | None = None) -> Client:
    person = core.person()
    core.grant(person, role, on.node if on else core.top())
    return signed_in(person)


def refs(content: bytes) -> set[str]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    return {row["Ref"] for row in rows}


def test_list_export_and_past_show_exactly_the_rows_of_the_reader(portfolio: Portfolio) -> None:
    tariff = Project.objects.get(external_id="X-1")
    readers = {
        "nobody": (signed_in(core.person()), set()),
        "manager of one": (someone_with("project_manager", tariff), {"N1-0001"}),
        "lead": (someone_with("pmo_lead"), {"N1-0001", "N1-0002"}),
    }
    for name, (client, expected) in readers.items():
        for past in ("", "&as_of=2022-04-01"):
            page = client.get(f"/projects/?x{past}".replace("?x&", "?").replace("?x", ""))
            assert page.status_code == 200, name
            shown = {ref for ref in ("N1-0001", "N1-0002", "N1-0003") if ref in page.content.decode()}
            assert shown == expected, (name, past)
            exported = client.get(f"/projects/?format=csv{past}")
            assert refs(exported.content) == expected, (name, past)


def test_an_export_gives_amounts_the_decimals_they_have(portfolio: Portfolio) -> None:
    make.recorded(portfolio, date(2022, 3, 31), "X-4", "Odd sum", forecast_cost=Decimal("12.50"))
    rows = csv.DictReader(
        io.StringIO(someone_with("pmo_lead").get("/projects/?format=csv").content.decode("utf-8-sig"))
    )
    assert {row["Project"]: row["Forecast"] for row in rows}["Odd sum"] == "12.5"


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("12500000", "12500000"),
        ("12,500,000", "12500000"),
        ("12 500 000.50", "12500000.50"),
        ("\u22125", "-5"),
        ("", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed: str, amount: str | None) -> None:
    assert AmountField(required=False).clean(typed) == (Decimal(amount) if amount else None)


@pytest.mark.parametrize("typed", ["12,5", "1,25,000", "twelve", "1e9", "£5", "NaN"])
def test_an_amount_that_could_mean_several_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        AmountField(required=False).clean(typed)


def test_the_ledger_says_in_words_what_happened(portfolio: Portfolio) -> None:
    made = LedgerEntry.objects.get(event="core.portfolio.made")
    ref = portfolio.ref
    cells = {column.name: column.cell for column in LEDGER.columns}
    assert cells["event"](made) == "Portfolio made"
    assert f">ref {ref}</span>" in cells["entry"](made)
    answer = someone_with("pmo_lead").get("/ledger/?event=core.portfolio.made")
    assert (answer.status_code, "Portfolio made" in answer.content.decode()) == (200, True)


def test_a_column_that_no_row_of_the_list_fills_is_left_out_unless_it_was_chosen(portfolio: Portfolio) -> None:
    lead = someone_with("pmo_lead")
    heads = {"Approved": "?sort=approved", "Slip": "?sort=slip", "Stage": "?sort=stage", "Manager": "?sort=manager"}

    def shown(query: str = "") -> set[str]:
        page = lead.get(f"/projects/{query}").content.decode()
        return {name for name, sort in heads.items() if sort.removeprefix("?") in page}

    assert shown() == set()
    assert shown("?columns=name,approved") == {"Approved"}
    assert "Approved" in lead.get("/projects/?format=csv").content.decode()

    tariff = Project.objects.get(external_id="X-1")
    make.recorded(portfolio, date(2023, 3, 31), "X-1", "Tariff engine", approved_budget=Decimal(9), stage="proposed")
    services.name_holder(core.admin(), tariff, "manager", core.person(), now=make.MONDAY, from_on=date(2023, 1, 1))
    assert shown() == {"Approved", "Stage", "Manager"}
    assert shown("?confidence=R") == set()
    assert shown(f"?portfolio={portfolio.ref}") == {"Approved", "Stage", "Manager"}
    assert shown("?as_of=2022-04-01") == set()


def test_a_project_outside_ones_circle_answers_like_one_that_does_not_exist(portfolio: Portfolio) -> None:
    lead = someone_with("pmo_lead")
    for page in ("", "history/", "people/", "change/", "how/tier/"):
        hidden, unknown = lead.get(f"/projects/N1-0003/{page}"), lead.get(f"/projects/N1-9999/{page}")
        assert hidden.status_code == unknown.status_code == 404
        strip = (b"N1-0003", b"N1-9999")
        assert _plain(hidden.content, *strip) == _plain(unknown.content, *strip)


def _plain(content: bytes, *words: bytes) -> bytes:
    import re

    content = re.sub(rb'nonce="[^"]*"|nonce&quot;:&quot;[^&]*|"inlineScriptNonce":"[^"]*"', b"", content)
    content = re.sub(rb'value="[A-Za-z0-9]{64}"|"X-CSRFToken": ?"[^"]*"|X-CSRFToken[^}]*', b"", content)
    for word in words:
        content = content.replace(word, b"")
    return content


def test_a_reader_without_the_right_to_change_sees_no_button_and_changes_nothing(portfolio: Portfolio) -> None:
    viewer = someone_with("viewer")
    assert b"Change facts" not in viewer.get("/projects/N1-0001/").content
    before = Project.objects.get(external_id="X-1").version, LedgerEntry.objects.count()
    answer = viewer.post("/projects/N1-0001/change/", {"name": "Mine", "version": before[0]})
    assert answer.status_code == 403
    assert b"Change the facts of a project" in answer.content
    assert (Project.objects.get(external_id="X-1").version, LedgerEntry.objects.count()) == before


def test_a_change_is_made_kept_in_history_and_a_late_one_is_refused_with_nothing_lost(portfolio: Portfolio) -> None:
    lead = someone_with("pmo_lead")
    version = Project.objects.get(external_id="X-1").version
    form = {
        "name": "Tariff engine",
        "category": "Billing",
        "confidence": "A",
        "reason": "Steering 4",
        "version": version,
    }
    assert lead.post("/projects/N1-0001/change/", form).status_code == 302
    assert "Steering 4" in lead.get("/projects/N1-0001/history/").content.decode()

    late = lead.post("/projects/N1-0001/change/", form | {"category": "What I typed"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "Somebody changed this meanwhile" in page
    assert "Billing" in page
    assert page.count("What I typed") == 2
    project = Project.objects.get(external_id="X-1")
    assert project.category == "Billing"
    figure("R21", "409, shows both versions and writes neither over", part="a late form")

    again = lead.post("/projects/N1-0001/change/", form | {"category": "What I typed", "version": project.version})
    assert again.status_code == 302
    assert Project.objects.get(external_id="X-1").category == "What I typed"


def test_nothing_can_be_written_in_the_past(portfolio: Portfolio) -> None:
    lead = someone_with("pmo_lead")
    page = lead.get("/projects/N1-0001/?as_of=2022-04-01").content.decode()
    assert "You are looking at 31 Mar 2022" not in page
    assert "You are looking at 1 Apr 2022" in page
    assert "Change facts" not in page
    answer = lead.post("/projects/N1-0001/change/?as_of=2022-04-01", {"name": "X", "version": 1})
    assert answer.status_code == 422
    assert "read-only" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "sort=node__holdings__person__email",
        "assignee__password=x",
        "columns=password",
        "format=exe",
        "sort=-created;--",
        "confidence=Z",
        "portfolio=99999",
        "control=nothing",
    ],
)
def test_a_parameter_the_list_does_not_have_is_refused(portfolio: Portfolio, query: str) -> None:
    answer = someone_with("pmo_lead").get(f"/projects/?{query}")
    assert answer.status_code == 400


def test_a_foreign_choice_in_a_filter_answers_like_one_that_does_not_exist(portfolio: Portfolio) -> None:
    secret = make.portfolio("Secret", confidential=True)
    lead = someone_with("pmo_lead")
    foreign, unknown = lead.get(f"/projects/?portfolio={secret.ref}"), lead.get("/projects/?portfolio=NOWHERE")
    assert foreign.status_code == unknown.status_code == 400
    assert b"Secret" not in lead.get("/projects/?control=portfolio").content


def test_a_name_that_looks_like_a_formula_stays_a_text_in_the_export(portfolio: Portfolio) -> None:
    import openpyxl

    lead = someone_with("pmo_lead")
    rows = list(csv.reader(io.StringIO(lead.get("/projects/?format=csv").content.decode("utf-8-sig"))))
    assert [row[1] for row in rows if "Leakage" in row[1]] == ["'=Leakage analytics"]
    book = openpyxl.load_workbook(io.BytesIO(lead.get("/projects/?format=xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if "Leakage" in str(cell.value)] == ["s"]
    assert [cell.value for cell in cells if cell.data_type == "n" and cell.value == 2_000_000]


def test_every_figure_of_a_project_opens_how_it_was_worked_out(portfolio: Portfolio) -> None:
    lead = someone_with("pmo_lead")
    page = lead.get("/projects/N1-0001/how/tier/", headers={"HX-Request": "true"}).content.decode()
    assert "How was this computed?" in page
    assert "1 of 8 inputs known" in page
    assert lead.get("/projects/N1-0001/how/anything/").status_code == 404


def test_a_project_is_added_by_hand_and_a_foreign_portfolio_is_refused(portfolio: Portfolio) -> None:
    secret = make.portfolio("Secret", confidential=True)
    analyst = someone_with("pmo_analyst")
    refused = analyst.post("/projects/new/", {"portfolio": secret.ref, "name": "Planted"})
    assert refused.status_code == 422
    assert not Project.objects.filter(node__name="Planted").exists()
    made = analyst.post("/projects/new/", {"portfolio": portfolio.ref, "name": "Own", "approved_budget": "1000"})
    assert made.status_code == 302
    assert Project.objects.get(node__name="Own").approved_budget == 1000


def test_a_lead_hides_a_project_and_those_outside_lose_it_in_the_next_request(portfolio: Portfolio) -> None:
    lead, viewer = someone_with("pmo_lead"), someone_with("viewer")
    assert viewer.get("/projects/N1-0001/").status_code == 200
    assert viewer.post("/projects/N1-0001/circle/", {"confidential": "yes"}).status_code == 403
    assert viewer.get("/projects/N1-0001/").status_code == 200

    assert lead.post("/projects/N1-0001/circle/", {"confidential": "yes"}).status_code == 302

    assert viewer.get("/projects/N1-0001/").status_code == 404
    assert lead.get("/projects/N1-0001/").status_code == 200


def test_who_sees_no_project_is_told_who_can_help(portfolio: Portfolio) -> None:
    page = signed_in(core.person()).get("/projects/").content.decode()
    assert "An administrator gives roles" in page
    assert "import the file" not in page


def test_without_signing_in_every_page_leads_to_the_sign_in(portfolio: Portfolio) -> None:
    for path in ("/projects/", "/projects/N1-0001/", "/my-work/", "/ledger/", "/organisation/", "/start/"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/sign-in/")
