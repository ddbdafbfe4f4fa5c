"""A list is filtered, kept as a view, changed in a cell and for many rows, put back, and compared with another day."""

from typing import Any


def figures(page: Any) -> list[str]:
    return [each.strip() for each in page.locator(".qd-counts .qd-figure-mid").all_inner_texts()]


def stage_of(page: Any, key: str) -> str:
    return str(page.locator(f"tr[data-key={key}] td[data-label=Stage]").inner_text()).strip()


def kept_as_a_view(page: Any) -> None:
    page.keyboard.press("Shift+V")
    page.fill("#qd-views [name=name]", "In delivery")
    page.keyboard.press("Enter")
    page.wait_for_selector("#qd-views a[aria-current]:has-text('In delivery')")


def changed_by_keyboard(page: Any, key: str) -> None:
    page.locator(f"tr[data-key={key}] a.qd-name").focus()
    while page.evaluate("document.activeElement.dataset.edit") != "stage":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("td.qd-editor select:focus")
    page.locator("td.qd-editor select").select_option(label="On hold")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"tr[data-key={key}] td.qd-saved:has-text('On hold')")
    assert page.evaluate("document.activeElement.dataset.edit") == "stage"


def changed_together_and_put_back(page: Any, keys: list[str]) -> None:
    for key in keys:
        page.check(f"tr[data-key={key}] input.qd-select")
    page.click("[data-qd-bulk] button:has-text('Set stage')")
    page.select_option("main [name=value]", label="On hold")
    page.fill("main [name=reason]", "Board of November")
    page.click("main button:has-text('Show what would change')")
    assert figures(page) == ["2", "0", "1"]
    page.click("main button:has-text('Change 2 of 3 projects')")
    assert figures(page) == ["2", "0"]
    page.click("main button:has-text('Put back the former values')")
    page.wait_for_selector("h1:has-text('put back')")
    assert figures(page) == ["2", "0"]


def compared(page: Any) -> None:
    page.click("summary:has-text('Compare')")
    page.fill("[name=compare_with]", "2026-06-30")
    page.fill("details[open] [name=as_of]", "2026-09-30")
    page.click("details[open] button:has-text('Compare')")
    page.wait_for_selector("text=What changed from 30 Jun 2026 to 30 Sep 2026.")
    new, gone, changed, _same = (int(each) for each in figures(page))
    assert min(new, gone, changed) > 0
    page.click(".qd-counts a:has-text('new here')")
    assert page.locator("#register tbody tr").count() == new
    assert page.locator("#register tbody .qd-tag:has-text('new here')").count() == new
    page.click(".qd-compared-days a")
    assert page.locator(".qd-counts").count() == 0
    assert "as_of=2026-09-30" in page.url


def test_a_list_is_narrowed_kept_changed_put_back_and_compared(demo: Any, at_size: Any) -> None:
    page = at_size(1440, base=demo.url)
    page.goto(demo.link())
    page.click("main form button")
    page.goto(f"{demo.url}/projects/?stage=executing&sort=name")
    kept_as_a_view(page)
    keys = page.locator("#register tbody tr").evaluate_all("rows => rows.slice(0, 3).map(row => row.dataset.key)")
    changed_by_keyboard(page, keys[0])
    changed_together_and_put_back(page, keys)
    page.goto(f"{demo.url}/projects/?sort=name&q={keys[1]}")
    assert stage_of(page, keys[1]) == "Delivery"
    page.goto(f"{demo.url}/projects/?sort=name")
    compared(page)


def test_a_comparison_fits_a_phone(demo: Any, at_size: Any) -> None:
    page = at_size(390, base=demo.url)
    page.goto(demo.link())
    page.click("main form button")
    page.goto(f"{demo.url}/projects/?compare_with=2026-06-30")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row = page.locator("tr:has(.qd-differs)").first
    tops = row.locator("td.qd-differs:visible").evaluate_all("cells => cells.map(c => c.getBoundingClientRect().top)")
    assert tops
    assert tops == sorted(set(tops))
