"""
Every page of the access table in a browser, by who may open the most of them.

Axe finds nothing serious, nothing breaks the content security policy, scripts are clean and ask nobody outside, the
page does not scroll sideways on a phone, and it has a title and one heading of the first order.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import TimeoutError as NotInTime

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDTHS = {1440: 900, 390: 844}
# Pages that say why something is not there answer so, by the first word of their address.
REFUSED = {"nothing-here": 404, "invitation": 422}
# Says what a page was kept from doing, before anything of the page runs.
WATCH = """
    window.broken = [];
    const told = (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`);
    document.addEventListener("securitypolicyviolation", told);
"""
LOOK = """() => ({
    title: document.title.trim(),
    headings: document.querySelectorAll("h1").length,
    broken: window.broken,
    whole: Boolean(document.documentElement.lang),
})"""
FITS = "(width) => document.documentElement.scrollWidth <= width"
SETTLED = "() => document.readyState === 'complete' && !document.querySelector('.htmx-request')"
# Around every page, and so looked at on the first one only where time is short.
SHELL = [".qd-side", ".qd-top", ".qd-tabbar"]
ASK = """async ([tags, exclude]) => {
    const asked = { runOnly: tags, resultTypes: ["violations"], preload: false };
    const { violations } = await axe.run({ exclude }, asked);
    const where = (each) => each.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" and ");
    return violations
        .filter((each) => ["serious", "critical"].includes(each.impact))
        .map((each) => `${each.impact} ${each.id} at ${where(each)}`);
}"""


class Walk:
    """One tab that goes from page to page, and what was wrong on the way."""

    def __init__(self, page: Any, base: str, axe_script: str) -> None:
        self.page, self.base, self.axe_script = page, base, axe_script
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self.trouble: list[str] = []
        page.add_init_script(WATCH)
        page.on("pageerror", lambda problem: self.trouble.append(f"script: {problem}"))
        page.on("console", lambda said: self.trouble.append(f"console: {said.text}") if is_trouble(said) else None)
        page.on("request", lambda asked: self.trouble.append(f"outside: {asked.url}") if is_outside(asked) else None)
        page.on("response", lambda got: self.trouble.append(f"{got.status}: {got.url}") if is_missing(got) else None)

    def open(self, address: str, status: int = 200) -> bool:
        """Go there; whether it is a page that was not looked at yet."""
        self.trouble.clear()
        answer = self.page.goto(self.base + address)
        here = self.page.url.removeprefix(self.base)
        if here in self.seen:
            return False
        self.seen.add(here)
        self.page.wait_for_function(SETTLED)
        found = self.page.evaluate(LOOK)
        wrong = [*self.trouble, *found["broken"]]
        if answer.status != status:
            wrong.append(f"status {answer.status}")
        if not found["title"]:
            wrong.append("no title")
        if found["headings"] != 1:
            wrong.append(f"{found['headings']} headings of the first order")
        if not found["whole"]:
            wrong.append("no page")
        self.wrong += [f"{address}: {each}" for each in wrong]
        return True

    def wide(self, address: str, width: int) -> None:
        """Whether the page scrolls sideways when its window is that wide."""
        self.page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        try:
            # Charts are drawn anew a moment after the window changed.
            self.page.wait_for_function(FITS, arg=width, timeout=3_000)
        except NotInTime:
            found = self.page.evaluate("document.documentElement.scrollWidth")
            self.wrong.append(f"{address}: {found} px wide in a window of {width}")

    def axe(self, address: str, *, shell: bool) -> None:
        """Axe comes in past the content security policy of the page."""
        self.page.evaluate(self.axe_script)
        found = self.page.evaluate(ASK, [TAGS, [] if shell else [[each] for each in SHELL]])
        self.wrong += [f"{address}: {each}" for each in found]


def is_trouble(said: Any) -> bool:
    # Of what was not loaded, its answer says more.
    return said.type in {"error", "warning"} and not said.text.startswith("Failed to load resource")


def is_missing(got: Any) -> bool:
    return got.status >= 400 and got.request.resource_type != "document"


def is_outside(asked: Any) -> bool:
    return not asked.url.startswith(("http://localhost", "data:", "blob:"))


@pytest.fixture(scope="module")
def addresses(signed_in: Any) -> list[str]:
    from tests.browser.every_address import fill, inside

    return inside(fill())


@pytest.fixture
def walk(demo: Any, chromium: Any, axe_script: str) -> Iterator[Any]:
    """Begins a walk of the administrator, or of a stranger."""
    contexts: list[Any] = []

    def begin(theme: str, storage: Any = None) -> Walk:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", storage_state=storage)
        contexts.append(context)
        context.add_cookies([{"name": "qd_theme", "value": theme, "url": demo.url}])
        return Walk(context.new_page(), demo.url, axe_script)

    yield begin
    for context in contexts:
        context.close()


def walk_all(walk: Any, signed_in: Any, addresses: list[str], width: int, theme: str, *, shell: bool) -> list[str]:
    """What was wrong on the pages inside and on those before the door."""
    from tests.browser.every_address import OUTSIDE

    wrong: list[str] = []
    pages = 0
    for storage, some in ((signed_in, addresses), (None, OUTSIDE)):
        going = walk(theme, storage)
        for address in some:
            if going.open(address, REFUSED.get(address.split("/")[1], 200)):
                for each in (*(other for other in WIDTHS if other != width), width):
                    going.wide(address, each)
                going.axe(address, shell=shell or len(going.seen) == 1)
        wrong += going.wrong
        pages += len(going.seen)
    print(f"{pages} pages at {width} px, {theme}: {len(wrong)} findings")
    return wrong


def test_pages_are_fit_for_everybody_on_a_phone(walk: Any, signed_in: Any, addresses: list[str]) -> None:
    """Every third one; the night takes all of them, at each size."""
    assert walk_all(walk, signed_in, addresses[::3], 390, "light", shell=False) == []


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "light"), (1440, "dark"), (390, "dark")])
def test_every_page_is_fit_for_everybody_at_each_size_and_in_the_dark(
    width: int, theme: str, walk: Any, signed_in: Any, addresses: list[str]
) -> None:
    assert walk_all(walk, signed_in, addresses, width, theme, shell=True) == []
