"""Every page at two widths, in two themes: axe finds nothing serious, nothing scrolls sideways, scripts are clean."""

from typing import Any

import pytest

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
PAGES = [
    "/my-work/",
    "/portfolios/",
    "/portfolios/TARNHOLM/",
    "/portfolios/TARNHOLM/?as_of={then}",
    "/portfolios/TARNHOLM/movers/",
    "/projects/",
    "/projects/?signal=late&tier=1",
    "/projects/?q=nothing+of+this+kind",
    "/projects/?control=unit",
    "/projects/left/",
    "/projects/new/",
    "/projects/{ref}/",
    "/projects/{ref}/?as_of={then}",
    "/projects/{ref}/history/",
    "/projects/{ref}/people/",
    "/projects/{ref}/change/",
    "/projects/{ref}/how/tier/",
    "/portfolios/new/",
    "/imports/",
    "/imports/new/",
    "/organisation/",
    "/ledger/",
    "/account/",
    "/interface/",
    "/start/",
    "/nothing-here/",
]

# Tried in one theme at each width: their parts are those of the others.
ORGANISATION = [
    "/units/",
    "/units/new/",
    "/units/CD/",
    "/units/CD/change/",
    "/units/CD/?as_of={then}",
    "/people/",
    "/people/?here=left",
    "/people/new/",
    "/people/{person}/",
    "/people/{person}/change/",
    "/people/{person}/access/?right=projects.see_project&place=TARNHOLM",
    "/people/{person}/give/",
    "/roles/",
    "/roles/new/",
    "/roles/viewer/",
    "/roles/pmo_analyst/change/",
    "/holdings/{holding}/",
    "/people-at/unit/CD/",
    "/people-at/portfolio/TARNHOLM/give/",
    "/access/portfolio/TARNHOLM/",
    "/access/portfolio/TARNHOLM/?as_of={then}",
    "/history/portfolio/TARNHOLM/",
    "/history/person/{person}/",
    "/portfolio-register/",
    "/portfolios/TARNHOLM/about/",
    "/portfolios/TARNHOLM/change/",
    "/programmes/",
    "/programmes/new/",
    "/programmes/TH-OC/",
    "/programmes/TH-OC/change/",
    "/projects/{ref}/move/",
]


@pytest.fixture(scope="module")
def demo(running: Any) -> Any:
    return running(True)


@pytest.fixture(scope="module")
def state(demo: Any, chromium: Any) -> Any:
    """Cookies of the administrator."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(demo.link())
    page.click("main form button")
    page.wait_for_load_state()
    found = context.storage_state()
    context.close()
    return found


def filled(path: str) -> str:
    from quarterdeck.core.models import Holding
    from quarterdeck.projects.models import Project, Snapshot

    project = (
        Project.objects.filter(left_on__isnull=True, confidence="AR").select_related("node").order_by("pk").first()
    )
    then = Snapshot.objects.order_by("on").first()
    assert project is not None
    assert then is not None
    held = Holding.objects.filter(role__code="portfolio_manager").select_related("person").order_by("pk").first()
    assert held is not None
    return path.format(ref=project.ref, then=then.on.isoformat(), person=held.person.uid, holding=held.uid)


@pytest.mark.parametrize(
    ("paths", "width", "theme"),
    [
        *((PAGES, width, theme) for width in (1440, 390) for theme in ("light", "dark")),
        (ORGANISATION, 1440, "dark"),
        (ORGANISATION, 390, "light"),
    ],
    ids=["1440 light", "1440 dark", "390 light", "390 dark", "organisation 1440 dark", "organisation 390 light"],
)
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    paths: list[str], width: int, theme: str, demo: Any, state: Any, chromium: Any, axe_script: str
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, storage_state=state, bypass_csp=True, locale="en-GB"
    )
    context.add_cookies([{"name": "qd_theme", "value": theme, "url": demo.url}])
    page = context.new_page()
    found: list[str] = []
    for path in paths:
        answer = page.goto(demo.url + filled(path))
        assert answer is not None
        if answer.status != (404 if "nothing-here" in path else 200):
            found.append(f"{path}: status {answer.status}")
        page.evaluate(axe_script)
        result = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
        found += [
            f"{path}: {problem['impact']} {problem['id']} at {problem['nodes'][0]['html'][:120]}"
            for problem in result["violations"]
            if problem["impact"] in {"serious", "critical"}
        ]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{path}: {wide} px wide")
        if page.locator("h1").count() != 1:
            found.append(f"{path}: {page.locator('h1').count()} headings of the first order")
    context.close()
    assert found == []


def test_scripts_run_clean_and_nothing_is_asked_for_outside(demo: Any, at_size: Any) -> None:
    page = at_size(1440, base=demo.url)
    page.goto(demo.link())
    page.click("main form button")
    page.wait_for_load_state()
    for path in [*PAGES, *ORGANISATION]:
        page.goto(demo.url + filled(path))


def test_a_figure_of_the_dashboard_opens_how_it_was_worked_out(demo: Any, at_size: Any) -> None:
    page = at_size(1440, base=demo.url)
    page.goto(demo.link())
    page.click("main form button")
    page.goto(f"{demo.url}/portfolios/TARNHOLM/")
    page.locator("a.qd-why").first.click()
    page.wait_for_selector("#panel >> text=How was this computed?")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('#panel').textContent.trim()")


def test_the_register_is_filtered_sorted_and_searched_without_leaving_the_page(demo: Any, at_size: Any) -> None:
    page = at_size(1440, base=demo.url)
    page.goto(demo.link())
    page.click("main form button")
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


def test_without_scripts_the_register_and_the_dashboard_still_work(demo: Any, chromium: Any, state: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{demo.url}/projects/?control=tier")
    page.check("input[name=tier][value='1']")
    page.click("main button:has-text('Show')")
    assert "tier=1" in page.url
    page.goto(f"{demo.url}/portfolios/TARNHOLM/")
    page.locator("a.qd-why").first.click()
    assert "How was this computed?" in page.content()
    context.close()
