"""From the sign-in link through the door of one's own file to the dashboard, and through the door of the demo."""

from pathlib import Path
from typing import Any

import pytest

from quarterdeck.core.models import Account

REGISTER = """Project ID,Project name,Department,Category,Delivery confidence,Start date,End date,Whole life cost
A-1,Tariff engine,Customer,Software,Amber,2025-01-01,2027-03-31,2400000
A-2,Leakage analytics,Water,Data,Red,2025-06-01,31/02/2027,1800000
A-3,Smart meter wave 3,Energy,Infrastructure,Green,2024-01-01,2028-12-31,93500000
"""


@pytest.fixture(scope="module")
def empty(running: Any) -> Any:
    return running(False, worker=True)


def test_a_pmo_lead_takes_their_own_file_to_the_dashboard(empty: Any, at_size: Any, tmp_path: Path) -> None:
    page = at_size(1440, base=empty.url)
    empty.sign_in(page)
    assert page.url == f"{empty.url}/start/"
    assert page.locator("h1").inner_text() == "Welcome to Quarterdeck"
    page.fill("[name=name]", "Norhaven")
    page.fill("[name=currency]", "EUR")
    with page.expect_navigation():
        page.click("text=Choose my file")
    assert page.url == f"{empty.url}/imports/new/"

    path = tmp_path / "register-2026-09-30.csv"
    path.write_text(REGISTER, encoding="utf-8")
    page.set_input_files("input[type=file]", str(path))
    if page.locator("[name=new_name]").is_visible():
        page.fill("[name=new_name]", "Norhaven IT")
        page.fill("[name=new_ref]", "IT")
    with page.expect_navigation():
        page.click("main form .qd-btn-primary")
    assert "/columns/" in page.url
    page.click("main .qd-btn-primary")
    page.wait_for_selector("text=Import all 3 rows", timeout=30_000)
    assert "31/02/2027" in page.content()
    page.click("text=Import all 3 rows")
    page.wait_for_selector("text=Open the dashboard", timeout=30_000)
    with page.expect_navigation():
        page.click("text=Open the dashboard")
    assert page.locator("h1").inner_text() == "Norhaven IT"
    assert "Leakage analytics" in page.content() or "Tariff engine" in page.content()


def test_who_signed_in_by_link_sets_a_password_and_signs_in_with_it(empty: Any, at_size: Any) -> None:
    page = at_size(390, base=empty.url)
    empty.sign_in(page)
    page.goto(f"{empty.url}/account/")
    page.fill("[name=password]", "short")
    with page.expect_navigation():
        page.click("main form .qd-btn-primary")
    assert "12 characters" in page.content()
    page.fill("[name=password]", "a harbour of many masts")
    page.click("main form .qd-btn-primary")
    page.wait_for_selector("text=Your new password is in force")

    fresh = at_size(390, base=empty.url)
    fresh.goto(f"{empty.url}/projects/")
    fresh.fill("[name=login]", Account.objects.get().email)
    fresh.fill("[name=password]", "a harbour of many masts")
    fresh.click("main form .qd-btn-primary")
    fresh.wait_for_url("**/projects/")


def test_a_link_signs_in_once(empty: Any, at_size: Any) -> None:
    link = empty.link()
    first, second = at_size(1440, base=empty.url), at_size(1440, base=empty.url)
    for page in (first, second):
        page.goto(link)
        with page.expect_navigation():
            page.click("main form button")
    assert "/sign-in/" not in first.url
    assert "used already" in second.content()
