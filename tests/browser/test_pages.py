"""A figure says how it was worked out, a list is narrowed on its page, and both work without scripts."""

from typing import Any


def test_a_figure_of_the_dashboard_opens_how_it_was_worked_out(demo: Any, at_size: Any) -> None:
    page = at_size(1440, base=demo.url)
    demo.sign_in(page)
    page.goto(f"{demo.url}/portfolios/TARNHOLM/")
    page.locator("a.qd-why").first.click()
    page.wait_for_selector("#panel >> text=How was this computed?")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('#panel').textContent.trim()")


def test_the_register_is_filtered_sorted_and_searched_without_leaving_the_page(demo: Any, at_size: Any) -> None:
    page = at_size(1440, base=demo.url)
    demo.sign_in(page)
    page.goto(f"{demo.url}/projects/")
    page.click("summary:has-text('Confidence')")
    page.wait_for_selector("input[name=confidence]")
    # On the words of the label, not on the box: that press moves focus to what surrounds the popover.
    page.locator("details[open] label:has(input[value=R])").click(position={"x": 30, "y": 8})
    assert page.locator("input[name=confidence][value=R]").is_checked()
    page.click("details[open] button:has-text('Show')")
    page.wait_for_selector("#register >> text=Clear filters")
    assert "confidence=R" in page.url
    rows = page.locator("#register tbody tr").count()
    assert 0 < rows < 20
    page.click("th >> text=Project")
    page.wait_for_selector("th[aria-sort=ascending]")
    names = page.locator("#register tbody a.qd-name").all_inner_texts()
    assert names == sorted(names, key=str.lower)


def test_without_scripts_the_register_and_the_dashboard_still_work(demo: Any, chromium: Any, signed_in: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, storage_state=signed_in)
    page = context.new_page()
    page.goto(f"{demo.url}/projects/?control=tier")
    page.check("input[name=tier][value='1']")
    with page.expect_navigation():
        page.click("main button:has-text('Show')")
    assert "tier=1" in page.url
    page.goto(f"{demo.url}/portfolios/TARNHOLM/")
    with page.expect_navigation():
        page.locator("a.qd-why").first.click()
    assert "How was this computed?" in page.content()
    context.close()
