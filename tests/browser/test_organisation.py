"""An administrator builds an organisation in the browser alone: with the mouse, and with nothing but the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest

UNITS = ("Water", "Energy", "Roads")
PEOPLE = [f"Person {letter}, {letter.lower()}@norhaven.example" for letter in "ABCDEFGHIJKL"]
PORTFOLIOS = (("Networks", "NET"), ("Customers", "CUS"))


@pytest.fixture(scope="module")
def empty(running: Any) -> Any:
    return running(False)


@pytest.fixture(scope="module")
def harbour(empty: Any) -> Any:
    """A unit, two people and a project, for what needs more than nothing."""
    from django.utils import timezone

    from quarterdeck.core import access
    from quarterdeck.core.models import Node
    from quarterdeck.core.services import accounts, people, units
    from quarterdeck.projects import services

    now = timezone.now()
    admin = access.actor_of_account(accounts.first_administrator(), now=now)
    units.add_unit(admin, name="Harbour", parent=Node.objects.get(kind="unit", unit=None), now=now)
    lines = people.read_lines("Carla Quay, carla@norhaven.example\nDirk Pier, dirk@norhaven.example")
    people.add_people(admin, lines, now=now)
    portfolio = services.add_portfolio(admin, name="Harbours", ref="HARB", currency="EUR", prefix="H", now=now)
    return services.add_project(admin, portfolio, name="Quay wall", facts={}, now=now)


def press(page: Any, words: str) -> None:
    """A button or link that leads to another page, by its words. A click alone does not wait for that page."""
    with page.expect_navigation():
        page.locator(f"main :is(a, button):has-text('{words}')").first.click()


def go(page: Any, words: str) -> None:
    """A page of the navigation by its name."""
    with page.expect_navigation():
        page.locator(f"nav[aria-label=Main] a:has-text('{words}')").first.click()


def build_with_the_mouse(page: Any) -> None:
    go(page, "Units")
    press(page, "New unit")
    for number, name in enumerate(UNITS):
        page.fill("main [name=name]", name)
        press(page, "Make it and one more" if number < len(UNITS) - 1 else "Make the unit")

    go(page, "People")
    press(page, "Add people")
    page.fill("main [name=lines]", "\n".join(PEOPLE))
    press(page, "Read the lines")
    press(page, "Add 12 people")

    for name, ref in PORTFOLIOS:
        go(page, "Portfolios")
        press(page, "New portfolio")
        page.fill("main [name=name]", name)
        page.fill("main [name=ref]", ref)
        press(page, "Make the portfolio")
        press(page, "New project")
        for number in range(4):
            page.fill("main [name=name]", f"{name} {number}")
            page.select_option("main [name=unit]", label=UNITS[number % 3])
            press(page, "Add it and one more" if number < 3 else "Add the project")

    go(page, "Units")
    press(page, "Water")
    press(page, "All, and give roles")
    press(page, "Give a role")
    page.select_option("main [name=role]", label="Viewer")
    page.check("label:has-text('Person A') input")
    page.check("label:has-text('Person B') input")
    press(page, "Give the role")


class Keys:
    """Somebody who has no mouse."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def reach(self, selector: str, *, most: int = 90) -> None:
        """Tab until the focus is on what is looked for."""
        for _step in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"No way by Tab to {selector}: {self.page.url}")

    def press(self, key: str = "Enter") -> None:
        """A key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def letter(self, letter: str) -> None:
        """A letter of the page, which waits for its script."""
        self.page.wait_for_function("() => document.readyState === 'complete'")
        self.press(letter)

    def type(self, text: str) -> None:
        """Into the field in focus; a page that begins with a field puts it there."""
        self.page.wait_for_function("() => document.activeElement.matches('input, textarea')")
        self.page.keyboard.type(text)

    def go(self, address: str) -> None:
        self.reach(f"nav[aria-label=Main] a[href='{address}']")
        self.press()

    def button(self, selector: str) -> None:
        self.reach(selector)
        self.press()

    def choose(self, words: str) -> None:
        """An option of the list in focus by the beginning of its words."""
        self.page.keyboard.type(words)


def build_with_the_keyboard(page: Any) -> None:
    keys = Keys(page)
    keys.go("/units/")
    keys.letter("n")
    for number, name in enumerate(UNITS):
        keys.type(f"{name} two")
        if number < len(UNITS) - 1:
            keys.button("main button[name=another]")
        else:
            keys.press()

    keys.go("/people/")
    keys.letter("n")
    for person in PEOPLE:
        keys.type(person.replace("Person", "Colleague").replace("@", ".two@"))
        page.keyboard.press("Enter")
    keys.press("Control+Enter")
    keys.button("main button[name=add]")

    for name, ref in PORTFOLIOS:
        keys.go("/portfolio-register/")
        keys.letter("n")
        keys.type(f"{name} two")
        keys.reach("[name=ref]")
        keys.type(f"{ref}2")
        keys.press()
        keys.letter("n")
        for number in range(4):
            keys.type(f"{name} two {number}")
            keys.reach("select[name=unit]")
            keys.choose(f"{UNITS[number % 3]} two")
            if number < 3:
                keys.button("main button[name=another]")
            else:
                keys.press("Control+Enter")

    keys.go("/units/")
    keys.button("a.qd-name[href='/units/WT/']")
    keys.button("main a[href='/people-at/unit/WT/']")
    keys.letter("n")
    keys.reach("[name=role]")
    keys.choose("Viewer")
    keys.reach("input[name=find]")
    keys.type("Colleague")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#picker-found label')].every(e => e.textContent.includes('Colleague'))"
    )
    for _each in range(2):
        keys.reach("#picker-found input:not(:checked)")
        page.keyboard.press("Space")
    keys.press("Control+Enter")


@pytest.mark.parametrize(
    ("build", "mark"), [(build_with_the_mouse, ""), (build_with_the_keyboard, " two")], ids=["mouse", "keyboard"]
)
def test_an_administrator_builds_an_organisation_in_the_browser_alone(
    build: Callable[[Any], None], mark: str, empty: Any, at_size: Any
) -> None:
    from quarterdeck.core.models import Holding, Node, Person

    page = at_size(1440, base=empty.url)
    empty.sign_in(page)

    build(page)

    units = Node.objects.filter(kind="unit", name__in=[f"{name}{mark}" for name in UNITS])
    assert units.count() == 3
    people = Person.objects.filter(name__startswith="Colleague" if mark else "Person")
    assert people.count() == 12
    for name, _ref in PORTFOLIOS:
        projects = Node.objects.filter(kind="project", within__name=f"{name}{mark}")
        assert sorted(projects.values_list("name", flat=True)) == [f"{name}{mark} {number}" for number in range(4)]
        assert set(projects.values_list("unit__name", flat=True)) == {f"{unit}{mark}" for unit in UNITS}
    assert Holding.objects.filter(node__name=f"Water{mark}", role__code="viewer", person__in=people).count() == 2


@pytest.mark.usefixtures("harbour")
def test_a_branch_of_the_tree_folds_by_key_and_stays_folded_for_readers_of_screens(empty: Any, at_size: Any) -> None:
    page = at_size(390, base=empty.url)
    empty.sign_in(page)
    page.goto(f"{empty.url}/units/")
    fold = page.locator("button.qd-tree-fold").first
    assert page.locator("a.qd-name:has-text('Harbour')").first.is_visible()
    fold.focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("aria-expanded") == "false"
    assert not page.locator("a.qd-name:has-text('Harbour')").first.is_visible()
    page.keyboard.press("Space")
    assert page.locator("a.qd-name:has-text('Harbour')").first.is_visible()


def test_a_sponsor_is_passed_on_after_the_page_says_for_whom_it_ends(empty: Any, harbour: Any, at_size: Any) -> None:
    from quarterdeck.core.models import Holding

    page = at_size(390, base=empty.url)
    empty.sign_in(page)
    for name, asked in (("Carla Quay", False), ("Dirk Pier", True)):
        page.goto(f"{empty.url}/people-at/project/{harbour.ref}/give/")
        page.select_option("main [name=role]", label="Sponsor")
        with page.expect_response(lambda answer: answer.request.method == "POST") as found:
            page.fill("main [name=find]", name)
        assert found.value.status == 200
        page.wait_for_function("() => document.querySelectorAll('#picker-found label').length === 1")
        page.check(f"label:has-text('{name}') input")
        press(page, "Give the role")
        if asked:
            assert "Carla Quay holds it since" in page.locator("main").inner_text()
            press(page, "Pass the role on")
    held = Holding.objects.filter(node__ref=harbour.ref, role__code="sponsor", to_on__isnull=True)
    assert [holding.person.name for holding in held] == ["Dirk Pier"]
