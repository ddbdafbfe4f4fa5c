"""Passkeys in a browser with an authenticator of its own: made, used to sign in, and as the second step."""

from typing import Any

from playwright.sync_api import expect

CLOSED = """() => {
    navigator.credentials.create = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def press(page: Any, name: str) -> None:
    """A button that leads on, once the authenticator has answered."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_passkey_opens_the_account_wherever_it_is_asked_for(running: Any, chromium: Any) -> None:
    site = running(False)
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    site.sign_in(page)
    page.goto(f"{site.url}/account/passkeys/add/")

    # Whoever closes the browser's question stays, and is told.
    page.evaluate(CLOSED)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert").filter(has_text="No passkey was used.")).to_be_visible()
    page.reload()

    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.get_by_label("Name").fill("Laptop")
    press(page, "Make the passkey")
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    page.goto(f"{site.url}/account/second-factor/")
    expect(page.get_by_role("table")).to_contain_text("Laptop")

    page.goto(f"{site.url}/account/sessions/")
    press(page, "Sign out everywhere")
    page.goto(f"{site.url}/accounts/sign-in/?next=/people/")
    press(page, "Use a passkey")
    assert page.url == f"{site.url}/people/"

    context.clear_cookies()
    page.goto(site.link())
    with page.expect_navigation():
        page.click("main form button")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    press(page, "Use a passkey")
    expect(page.get_by_role("heading", name="One more step")).to_have_count(0)

    context.close()
