"""
A project manager's day: read who asked what, answer, look something up, correct two facts, hand a list on.

Once on a phone with a thumb, and at the desk with nothing but the keyboard. Cells of lists are for wider windows, so
the one on the phone is turned into the one at the desk for that step.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

JORIS = "joris@tarnholm.example"
QUESTION = "@Joris Penhallow, does the **cutover** stay where it is?"


@pytest.fixture
def project(demo: Any) -> Iterator[Any]:
    """A project of Joris on which Dagny just asked him something; as it was before, when the day is over."""
    from django.utils import timezone

    from quarterdeck.core import access
    from quarterdeck.core.models import Comment, Holding, Notification, Person, Watch
    from quarterdeck.core.services import comments
    from quarterdeck.projects.models import Project

    held = Holding.objects.filter(person__name="Joris Penhallow", role__code="project_manager", to_on=None)
    found = (
        Project.objects.filter(node__in=held.values("node"), left_on=None)
        .select_related("node", "portfolio__node")
        .order_by("pk")[0]
    )
    now = timezone.now()
    dagny = access.actor_of(Person.objects.get(name="Dagny Vossberg"), now=now)
    comments.add_comment(dagny, "project", found.ref, text=QUESTION, now=now)
    yield found
    for model in (Notification, Comment, Watch):
        model.objects.all().delete()


def check(project: Any, finish: date, approved: int) -> None:
    """What the day left behind."""
    from quarterdeck.core.models import Comment, Notification, Watch

    project.refresh_from_db()
    assert project.forecast_finish == finish
    assert project.approved_budget == approved
    said = Comment.objects.latest("pk")
    assert said.author.name == "Joris Penhallow"
    assert Notification.objects.get(comment=said, why="mention").person.name == "Dagny Vossberg"
    assert Notification.objects.get(person__name="Joris Penhallow", why="mention").seen_at is not None
    watched = Watch.objects.get(person__name="Joris Penhallow", subject_id=project.pk)
    assert not watched.muted


def read_the_list(path: Path, project: Any, finish: date, approved: int) -> None:
    """The file of the list: what Joris sees, with the new facts in it as dates and numbers."""
    from quarterdeck.projects.models import Project

    sheet = load_workbook(BytesIO(path.read_bytes())).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    lines = [dict(zip(head, row, strict=True)) for row in rows]
    names = {line["Project"] for line in lines}
    assert project.name in names
    assert 0 < len(lines) < Project.objects.filter(left_on=None).count()
    line = next(line for line in lines if line["Ref"] == project.ref)
    assert line["Forecast finish"].date() == finish
    assert Decimal(str(line["Approved"])) == approved


def test_with_a_thumb_on_a_phone(demo: Any, project: Any, at_size: Any) -> None:
    page = at_size(390, base=demo.url, touch=True)
    demo.sign_in(page, JORIS)

    page.tap(".qd-tabbar a:has-text('My work')")
    page.wait_for_url("**/my-work/")
    page.tap("a.qd-bell")
    page.wait_for_url("**/notifications/")
    page.tap(f".qd-news a:has-text('{project.name}')")
    page.wait_for_url(re.compile(r"/talk/#comment-"))
    assert page.locator("li.qd-comment:focus strong").inner_text() == "cutover"

    page.tap("#write textarea")
    page.keyboard.type("It moves by a month. @Dag")
    page.tap("#qd-names li:has-text('Dagny Vossberg')")
    page.keyboard.type("can we talk?")
    page.tap("#write button")
    page.locator(".qd-comment:has-text('It moves by a month')").wait_for()

    page.tap("[data-qd-palette]")
    page.fill("#qd-palette [role=combobox]", project.name)
    page.locator(f"#qd-palette-list [role=option]:has-text('{project.ref}')").first.tap()
    page.wait_for_url(f"**/projects/{project.ref}/")

    page.tap("main a:has-text('Change facts')")
    page.wait_for_url("**/change/")
    page.fill("[name=forecast_finish]", "2027-11-30")
    page.tap("button:has-text('Save the facts')")
    page.wait_for_url(f"**/projects/{project.ref}/")
    assert "Nov 2027" in page.locator(".qd-facts").inner_text()

    # Whoever manages a project hears of it; they turn that off, think better of it, and watch.
    page.tap("form.qd-watch button:has-text('Stop watching')")
    page.tap("form.qd-watch button:text-is('Watch')")
    page.locator("form.qd-watch button:has-text('Stop watching')").wait_for()

    page.tap(".qd-tabbar button")
    page.tap("nav[aria-label=Main] a:has-text('Projects')")
    page.wait_for_url("**/projects/")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.tap(f"tr[data-key='{project.ref}'] td[data-edit=approved]")
    page.fill("td.qd-editor [name=value]", "4200000")
    page.tap("td.qd-editor button:has-text('Save')")
    page.locator(f"tr[data-key='{project.ref}'] td[data-edit=approved].qd-saved").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})

    page.tap("#register summary:has-text('Export')")
    with page.expect_download() as coming:
        page.tap("#register a:has-text('Excel')")
    read_the_list(coming.value.path(), project, date(2027, 11, 30), 4_200_000)
    check(project, date(2027, 11, 30), 4_200_000)


class Keys:
    """Somebody who has no mouse: nothing here but keys, and looks at what they did."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def reach(self, selector: str, *, by: str = "Tab", most: int = 60) -> None:
        """Press a key until the focus is on what is looked for."""
        for _step in range(most):
            self.page.keyboard.press(by)
            if self.is_on(selector):
                return
        raise AssertionError(f"No way by {by} to {selector}: {self.page.url}")

    def is_on(self, selector: str) -> bool:
        return bool(self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector))

    def wait_on(self, selector: str) -> None:
        """Until the page put the focus there by itself."""
        self.page.wait_for_function("(selector) => document.activeElement.matches(selector)", arg=selector)

    def settle(self) -> None:
        """Until what came from the server works; nobody presses a key that fast."""
        self.page.wait_for_function("() => !document.querySelector('.htmx-swapping, .htmx-settling, .htmx-added')")

    def leads(self, to: str | re.Pattern[str], *keys: str) -> None:
        """Keys that lead to another page, whose script is then ready."""
        self.press(*keys)
        self.page.wait_for_url(to)
        self.page.wait_for_load_state()


def test_with_nothing_but_the_keyboard(demo: Any, project: Any, at_size: Any) -> None:
    page = at_size(1440, base=demo.url)
    keys = Keys(page)
    page.goto(demo.link(JORIS))
    keys.reach("main form button")
    with page.expect_navigation():
        keys.press("Enter")

    keys.leads("**/my-work/", "g", "m")
    keys.reach("a.qd-bell")
    keys.leads("**/notifications/", "Enter")
    keys.press("j")
    assert keys.is_on(".qd-news a.qd-name")
    keys.leads(re.compile(r"/talk/#comment-"), "Enter")
    keys.wait_on("li.qd-comment")

    keys.reach("#write textarea")
    keys.type("It moves by a month. @Dag")
    page.locator("#qd-names li").first.wait_for()
    keys.press("Enter")
    keys.type("can we talk?")
    keys.press("Control+Enter")
    page.locator(".qd-comment:has-text('It moves by a month')").wait_for()
    page.wait_for_load_state()

    keys.press("/")
    keys.wait_on("#qd-palette [role=combobox]")
    keys.type(project.ref)
    page.locator(f"#qd-palette-list [aria-selected=true]:has-text('{project.ref}')").wait_for()
    keys.leads(f"**/projects/{project.ref}/", "Enter")

    keys.leads("**/change/", "e")
    keys.reach("[name=forecast_finish]")
    # Day and month in the order of the browser's own language, whichever that is.
    keys.type("12122027")
    keys.leads(f"**/projects/{project.ref}/", "Control+Enter")
    assert "Dec 2027" in page.locator(".qd-facts").inner_text()

    keys.reach("form.qd-watch button")
    keys.press("Enter")
    page.locator("form.qd-watch button:text-is('Watch')").wait_for()
    # The button that took its place has the focus.
    keys.settle()
    keys.press("Enter")
    page.locator("form.qd-watch button:has-text('Stop watching')").wait_for()

    keys.leads("**/projects/", "g", "r")
    keys.press("j")
    for _row in range(30):
        if keys.is_on(f"tr[data-key='{project.ref}'] a.qd-name"):
            break
        keys.press("j")
    keys.reach("td[data-edit=approved]", by="ArrowRight")
    keys.press("Enter")
    keys.wait_on("td.qd-editor [name=value]")
    keys.settle()
    keys.press("Control+a")
    keys.type("3100000")
    keys.press("Enter")
    keys.wait_on(f"tr[data-key='{project.ref}'] td[data-edit=approved].qd-saved")

    keys.reach("#register details:has(a[download]) > summary", by="Shift+Tab")
    keys.press("Enter")
    keys.reach("#register a[download]", most=2)
    with page.expect_download() as coming:
        keys.press("Enter")
    read_the_list(coming.value.path(), project, date(2027, 12, 12), 3_100_000)
    check(project, date(2027, 12, 12), 3_100_000)
