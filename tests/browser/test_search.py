"""Search and jump: by keyboard alone, by thumb on a phone, without script, and for who hears the page."""

import re
from typing import Any

import pytest

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
LIST = "#qd-palette-list"
CHOSEN = f"{LIST} [aria-selected=true]"


@pytest.fixture(scope="module")
def roads(running: Any) -> Any:
    """An installation with three bridges and a tunnel."""
    found = running(False)
    from django.utils import timezone

    from quarterdeck.core import access
    from quarterdeck.core.services import accounts
    from quarterdeck.projects import services

    now = timezone.now()
    admin = access.actor_of_account(accounts.first_administrator(), now=now)
    roads = services.add_portfolio(admin, name="Roads and bridges", ref="ROADS", currency="EUR", prefix="R", now=now)
    for name, text in (
        ("Bridge north", ""), ("Bridge south", ""), ("Footbridge", ""), ("Tunnel", "A bridge would block the ships"),
    ):  # fmt: skip
        found.tunnel = services.add_project(admin, roads, name=name, facts={"description": text}, now=now)
    return found


def ask(page: Any, words: str) -> None:
    """Type into the palette and wait for what belongs to these words."""
    page.locator("#qd-palette[open] [role=combobox]").fill(words)
    page.locator(f"{CHOSEN} mark, #qd-palette [data-none]:not([hidden])").first.wait_for()


def chosen(page: Any) -> str:
    """What a screen reader hears as the current suggestion."""
    field = page.locator("#qd-palette [role=combobox]")
    option = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert option.get_attribute("aria-selected") == "true"
    return str(option.locator(".qd-palette-name").inner_text()).split("\n")[0]


def trouble(page: Any, axe_script: str) -> list[str]:
    """What axe finds serious, and whether the page scrolls sideways."""
    page.evaluate(axe_script)
    found = page.evaluate("async (tags) => (await axe.run({runOnly: tags})).violations", TAGS)
    bad = [each for each in found if each["impact"] in ("serious", "critical")]
    said = [f"{page.url} {each['id']}: {each['nodes'][0]['html'][:120]}" for each in bad]
    fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return said if fits else [*said, f"{page.url} scrolls sideways"]


def test_by_keyboard_alone_from_anywhere_to_a_thing_and_back(roads: Any, at_size: Any, axe_script: str) -> None:
    page = at_size(1440)
    roads.sign_in(page)
    page.goto(f"{roads.url}/projects/")
    name = page.locator("#register a.qd-name").first
    name.focus()
    page.keyboard.press("/")
    field = page.locator("#qd-palette [role=combobox]")
    page.locator(f"{LIST} [role=option]").first.wait_for()
    assert field.evaluate("field => field === document.activeElement")
    # With no word typed nothing is chosen, and Enter does nothing.
    assert page.locator(CHOSEN).count() == 0
    page.keyboard.press("Enter")
    assert page.locator("#qd-palette[open]").count() == 1

    ask(page, "bridge")
    assert page.locator(f"{LIST} .qd-palette-name mark").first.inner_text() == "Bridge"
    options = page.locator(f"{LIST} [role=option]").count()
    assert page.locator("#qd-palette [role=status]").inner_text() == f"Suggestions: {options}"
    assert trouble(page, axe_script) == []
    assert chosen(page).startswith("Bridge north")
    page.keyboard.press("ArrowDown")
    assert chosen(page).startswith("Bridge south")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.locator(f"{LIST} [role=option]").last.get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('#qd-palette').open")
    assert name.evaluate("name => name === document.activeElement")

    page.locator("#register-find").focus()
    page.keyboard.press("Control+k")
    ask(page, "tunnel")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{roads.url}/projects/{roads.tunnel.ref}/")

    # Faster than the answer: the words are searched, and nothing else is opened.
    page.keyboard.press("Control+k")
    page.keyboard.type("bridge")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{roads.url}/search/?q=bridge")
    assert trouble(page, axe_script) == []
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "Bridge south"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/projects/"))


def test_by_thumb_on_a_phone_to_things_pages_and_acts(roads: Any, at_size: Any, axe_script: str) -> None:
    from quarterdeck.core.models import Watch

    page = at_size(390)
    roads.sign_in(page)
    page.goto(f"{roads.url}/my-work/")
    opener = page.locator("[data-qd-palette]")
    assert (opener.bounding_box()["width"], opener.bounding_box()["height"]) == (40, 40)
    opener.click()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('#qd-palette').open")
    assert opener.evaluate("opener => opener === document.activeElement")
    assert opener.bounding_box()["width"] == 40
    opener.click()
    ask(page, "ships")
    assert trouble(page, axe_script) == []
    page.click(f"{LIST} [role=option]:has-text('Tunnel')")
    page.wait_for_url(f"{roads.url}/projects/{roads.tunnel.ref}/")

    opener.click()
    ask(page, "watch")
    page.locator(f"{LIST} [role=option]").get_by_text("Watch", exact=True).click()
    page.locator("form.qd-watch button:has-text('Stop watching')").wait_for()
    assert Watch.objects.filter(muted=False, subject_id=roads.tunnel.pk).exists()

    opener.click()
    ask(page, "switch")
    page.click(f"{LIST} [role=option]:has-text('light and dark')")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"

    opener.click()
    ask(page, "new pro")
    page.click(f"{LIST} [role=option]:has-text('New project')")
    page.wait_for_url(f"{roads.url}/projects/new/")

    opener.click()
    ask(page, "show all keys")
    page.keyboard.press("Enter")
    assert page.locator("#qd-keys[open]").count() == 1
    page.keyboard.press("Escape")

    opener.click()
    ask(page, "sign out")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("sign-in"))


@pytest.mark.nightly
def test_without_script_the_field_on_top_is_a_form(roads: Any, at_size: Any) -> None:
    page = at_size(1440, script=False)
    roads.sign_in(page)
    page.fill(".qd-top input[type=search]", "tunnel")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{roads.url}/search/?q=tunnel")
    page.click("a.qd-name:has-text('Tunnel')")
    page.wait_for_url(f"{roads.url}/projects/{roads.tunnel.ref}/")


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_and_nothing_scrolls_sideways(
    width: int, theme: str, roads: Any, at_size: Any, axe_script: str
) -> None:
    page = at_size(width, theme, base=roads.url)
    roads.sign_in(page)
    found: list[str] = []
    for path in (
        "/search/?q=bridge",
        "/search/?q=bridge&kind=project",
        "/search/?q=zz+bridge&as_of=2026-11-24",
        "/search/",
    ):
        assert page.goto(roads.url + path).status == 200
        found += trouble(page, axe_script)
    page.locator("[data-qd-palette]").click()
    page.locator(f"{LIST} [role=option]").first.wait_for()
    found += trouble(page, axe_script)
    for words in ("bridge", "zzz"):
        ask(page, words)
        found += trouble(page, axe_script)
    assert found == []
