"""R08 in a browser: whatever stands in a field, no dialog opens, no policy is broken, and no call is made."""

from datetime import date
from typing import Any

import pytest

from tests.proof.figures import figure

# Says what a page did although it should not, before anything of the page runs.
WATCH = """
    window.broken = [];
    window.qdx = (n) => window.broken.push(`call ${n}`);
    const told = (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`);
    document.addEventListener("securitypolicyviolation", told);
"""
# As if somebody touched everything.
TOUCH = """() => {
    const all = document.querySelectorAll("main *");
    for (const name of ["mouseover", "pointerenter", "focus", "blur", "load", "error", "toggle", "animationstart"]) {
        for (const each of all) each.dispatchEvent(new Event(name, { bubbles: false }));
    }
}"""


@pytest.mark.nightly
def test_two_hundred_texts_in_every_field_open_no_dialog_and_break_no_policy(
    running: Any, chromium: Any, tmp_path: Any
) -> None:
    from quarterdeck.core.models import Holding
    from tests.journeys.test_hostile_texts import FIELDS, World

    installation = running(False)
    # The builders act on a Monday on which this installation was not founded yet.
    Holding.objects.update(from_on=date(2020, 1, 1))
    world = World(tmp_path)
    addresses = list(dict.fromkeys(address for fill in FIELDS for address in fill(world)))
    every = [here for here, _text in world.pages(*addresses)]
    context = chromium.new_context(locale="en-GB")
    context.add_init_script(WATCH)
    page = context.new_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    installation.sign_in(page)
    broken: list[str] = []
    for here in every:
        page.goto(installation.url + here)
        page.evaluate(TOUCH)
        broken += [f"{here}: {what}" for what in page.evaluate("window.broken")]
    context.close()
    said = f"{world.kept} texts on {len(every)} pages: {len(dialogs)} dialogs, {len(broken)} violations"
    figure("R08", said, part="in a browser", ok=not dialogs and not broken)
    assert dialogs == []
    assert broken == []
