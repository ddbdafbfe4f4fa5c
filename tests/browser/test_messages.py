"""A manager's phone: read a notification, open the thing, answer with a name, attach a file; also by keyboard alone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
ANSWER = "Thank you @"
# What was sent has come, and the focus is where htmx puts it.
SETTLED = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"


@pytest.fixture
def project(demo: Any) -> Iterator[Any]:
    """A project on which Dagny named the administrator; afterwards nobody was told anything."""
    from django.utils import timezone

    from quarterdeck.core import access
    from quarterdeck.core.models import Comment, Notification, Person, Watch
    from quarterdeck.core.services import comments
    from quarterdeck.projects.models import Project

    found = Project.objects.select_related("node").filter(left_on__isnull=True).order_by("pk")[0]
    now = timezone.now()
    dagny = access.actor_of(Person.objects.get(name="Dagny Vossberg"), now=now)
    comments.add_comment(
        dagny, "project", found.ref, text="@Ada Archer, the permits came. When does it **finish**?", now=now
    )
    yield found
    for model in (Notification, Comment, Watch):
        model.objects.all().delete()


def serious(page: Any, axe_script: str) -> list[str]:
    """What axe finds; its script comes in past the content security policy of the page."""
    page.evaluate(axe_script)
    found = page.evaluate("async (tags) => (await axe.run({runOnly: tags})).violations", TAGS)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found if each["impact"] in ("serious", "critical")
    ]


def talking(demo: Any, project: Any, page: Any) -> Any:
    """The page on which people talk about the project."""
    demo.sign_in(page)
    page.goto(f"{demo.url}/about/project/{project.ref}/talk/")
    return page


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [390, 1440])
def test_a_notification_leads_to_the_comment_that_is_answered_there(
    width: int, demo: Any, project: Any, at_size: Any
) -> None:
    from quarterdeck.core.models import Comment, Notification

    page = at_size(width)
    demo.sign_in(page)
    assert page.locator(".qd-bell-count").inner_text() == "1"
    page.click("a.qd-bell")
    page.click("text=" + project.name)
    page.wait_for_url(re.compile(r"/talk/#comment-"))
    assert page.locator("li.qd-comment:focus").count() == 1
    page.locator(".qd-bell-count").wait_for(state="detached")
    assert Notification.objects.get().seen_at is not None

    page.locator("#write textarea").click()
    page.keyboard.type(f"{ANSWER}Dag")
    page.locator("#qd-names li:has-text('Dagny Vossberg')").first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("it does in May.")
    page.click("#write button")
    page.wait_for_url(re.compile(r"#comment-"))
    assert page.locator(".qd-comment").last.locator(".qd-mention").inner_text() == "@Dagny Vossberg"
    assert page.locator("#write textarea").input_value() == ""
    said = Comment.objects.latest("pk")
    told = Notification.objects.get(comment=said)
    assert (told.person.name, told.why) == ("Dagny Vossberg", "mention")


def test_a_file_is_attached_on_the_phone_and_comes_back_as_a_download(demo: Any, project: Any, at_size: Any) -> None:
    page = at_size(390)
    demo.sign_in(page)
    page.goto(f"{demo.url}/about/project/{project.ref}/files/")
    sent = {"name": "../Charter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 charter"}
    page.set_input_files("#add-file input[type=file]", files=[sent])
    page.fill("#file_note", "Signed")
    page.click("#add-file button")
    page.locator("a.qd-name", has_text="Charter.pdf").wait_for()
    with page.expect_download() as coming:
        page.click("a.qd-name:has-text('Charter.pdf')")
    assert coming.value.suggested_filename == "Charter.pdf"
    page.click("button:has-text('Remove')")
    page.click("text=Bring it back")
    page.locator("a.qd-name", has_text="Charter.pdf").wait_for()


def test_keyboard_alone_watches_reads_and_answers(demo: Any, project: Any, at_size: Any) -> None:
    from quarterdeck.core.models import Watch

    page = talking(demo, project, at_size(1440))
    button = page.locator("form.qd-watch button")
    button.focus()
    page.keyboard.press("Enter")
    page.locator("form.qd-watch button:has-text('Stop watching')").wait_for()
    assert Watch.objects.filter(muted=False, subject_id=project.pk).exists()
    # The button that took its place has the focus.
    page.wait_for_function(SETTLED)
    page.keyboard.press("Enter")
    page.locator("form.qd-watch button:text-is('Watch')").wait_for()

    page.wait_for_function(SETTLED)
    page.locator(".qd-comment-acts a:has-text('Answer')").first.focus()
    with page.expect_navigation(url=re.compile(r"answer=")):
        page.keyboard.press("Enter")
    field = page.locator("#write textarea")
    assert field.input_value().startswith("> Ada Archer, the permits came.")
    field.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("@")
    page.locator("#qd-names").wait_for()
    first = field.get_attribute("aria-activedescendant")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") != first
    page.keyboard.press("Escape")
    assert page.locator("#qd-names").count() == 0
    page.keyboard.type(" done")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"#comment-"))
    assert page.locator(".qd-comment blockquote").count() == 1


def test_who_types_faster_than_names_come_names_whom_the_letters_mean(demo: Any, project: Any, at_size: Any) -> None:
    page = talking(demo, project, at_size(390))
    field = page.locator("#write textarea")
    field.click()
    page.keyboard.type("@")
    page.locator("#qd-names li").nth(1).wait_for()
    last = page.locator("#qd-names li span:last-of-type").last.inner_text()
    # What is asked from now on is answered late.
    late: list[Any] = []

    def hold(route: Any) -> None:
        late.append(route)

    page.route(re.compile(r"[?&]q="), hold)
    page.keyboard.type(last.split()[0])
    page.keyboard.press("Enter")
    assert field.input_value() == f"@{last} "
    for route in late:
        route.continue_()


def test_what_was_typed_is_there_again_after_the_page_was_left(demo: Any, project: Any, at_size: Any) -> None:
    page = at_size(390)
    demo.sign_in(page)
    talk = f"{demo.url}/about/project/{project.ref}/talk/"
    page.goto(talk)
    page.locator("#write textarea").fill("A long thought")
    page.goto(f"{demo.url}/my-work/")
    page.goto(talk)
    assert page.locator("#write textarea").input_value() == "A long thought"
    page.click("#write button")
    page.wait_for_url(re.compile(r"#comment-"))
    assert page.locator("#write textarea").input_value() == ""
    page.goto(talk)
    assert page.locator("#write textarea").input_value() == ""


def test_the_names_that_are_offered_are_fit_for_everybody(
    demo: Any, project: Any, at_size: Any, axe_script: str
) -> None:
    page = talking(demo, project, at_size(390))
    page.locator("#write textarea").click()
    page.keyboard.type("@")
    page.locator("#qd-names").wait_for()
    assert serious(page, axe_script) == []
    assert fits(page)
