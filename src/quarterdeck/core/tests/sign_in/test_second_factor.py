"""The second factor: asked for when it is there, enforced where a role asks for it, each code used once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from quarterdeck.core import store
from quarterdeck.core.errors import ConfirmFirst, NotAllowed, NotFound, Refused
from quarterdeck.core.models import LedgerEntry, OutgoingMail, Role, SecurityEvent
from quarterdeck.core.services import limits, second_factor
from quarterdeck.core.tests import make
from quarterdeck.core.tests.sign_in.people import browser, code_now, is_in, member, opens, sign_in, token_of, with_app
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
Clock = Callable[[timedelta], datetime]
NOW = make.MONDAY
RFC_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
STEP = "/accounts/sign-in/second-factor/"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, the last six digits."""
    assert second_factor.code_of(RFC_KEY, seconds // 30) == code


def test_the_app_is_set_up_by_its_first_code_and_brings_ten_recovery_codes() -> None:
    account = member()
    key = second_factor.new_key()
    code = second_factor.code_of(key, second_factor.step_of(NOW))
    codes = second_factor.enrol_app(make.signed_in(account), account, key=key, code=code, now=NOW)
    assert len(set(codes)) == 10
    app = Authenticator.objects.get(type="totp")
    assert key not in str(app.data)
    kept = Authenticator.objects.get(type="recovery_codes")
    assert [each.replace("-", "") in str(kept.data) for each in codes].count(True) == 0
    assert LedgerEntry.objects.filter(event="core.second_factor.added").count() == 1
    assert OutgoingMail.objects.get().address == account.email


def test_a_wrong_first_code_sets_nothing_up() -> None:
    account = member()
    with pytest.raises(Refused, match="not right"):
        second_factor.enrol_app(make.signed_in(account), account, key=second_factor.new_key(), code="000000", now=NOW)
    assert not Authenticator.objects.exists()


def test_a_code_is_used_once_also_within_its_window(clock: Clock) -> None:
    clock(timedelta(0))
    account = member()
    key = with_app(account)
    refused = 0
    for _each in range(20):
        now = clock(timedelta(seconds=90))
        code = second_factor.code_of(key, second_factor.step_of(now))
        assert second_factor.check_code(account, code, now=now)
        for later in (0, 1, 29):
            with pytest.raises(Refused, match="used before"):
                second_factor.check_code(account, code, now=now + timedelta(seconds=later))
            refused += 1
        limits.forget(f"code:{account.pk}")
    assert refused == 60
    figure("R36", f"{refused}/60 refused", part="codes used a second time within their window")


def test_a_clock_that_is_half_a_minute_off_is_taken_and_one_that_is_more_is_not(clock: Clock) -> None:
    now = clock(timedelta(minutes=10))
    account = member()
    key = with_app(account)
    step = second_factor.step_of(now)
    for off in (-2, 2):
        with pytest.raises(Refused):
            second_factor.check_code(account, second_factor.code_of(key, step + off), now=now)
    # The first of the two below set the app up half a minute ago.
    assert second_factor.check_code(account, second_factor.code_of(key, step + 1), now=now)


def test_a_recovery_code_opens_once() -> None:
    account = member()
    key = second_factor.new_key()
    code = second_factor.code_of(key, second_factor.step_of(NOW))
    codes = second_factor.enrol_app(make.signed_in(account), account, key=key, code=code, now=NOW)
    assert second_factor.check_code(account, codes[3].upper(), now=NOW)
    with pytest.raises(Refused):
        second_factor.check_code(account, codes[3], now=NOW)
    assert second_factor.check_code(account, codes[4].replace("-", " "), now=NOW)
    renewed = second_factor.renew_recovery_codes(make.signed_in(account), account, now=NOW)
    with pytest.raises(Refused):
        second_factor.check_code(account, codes[5], now=NOW)
    assert second_factor.check_code(account, renewed[0], now=NOW)


def test_after_five_wrong_codes_a_right_one_waits_fifteen_minutes(clock: Clock) -> None:
    account = member()
    key = with_app(account)
    client = Client(raise_request_exception=False)
    sign_in(client, account.email)
    now = clock(timedelta(minutes=1))
    statuses = [client.post(STEP, {"code": "000000"}).status_code for _each in range(5)]
    assert statuses == [422] * 5
    answer = client.post(STEP, {"code": code_now(key)})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"
    assert "in 15 minutes" in answer.content.decode()
    now = clock(timedelta(minutes=14, seconds=59))
    sign_in(client, account.email)
    assert client.post(STEP, {"code": code_now(key)}).status_code == 429
    clock(timedelta(seconds=1))
    sign_in(client, account.email)
    assert client.post(STEP, {"code": code_now(key)}).status_code == 302
    assert is_in(client)
    assert now
    figure("R31", "5 tries, the 6th 429 with Retry-After 900, open again after 15 min", part="one-time codes")


def test_the_password_alone_opens_nothing_once_there_is_a_second_factor() -> None:
    account = member()
    key = with_app(account)
    client = Client(raise_request_exception=False)
    assert sign_in(client, account.email).headers["Location"] == STEP
    assert not is_in(client)
    assert client.get("/projects/").status_code == 302
    assert client.post(STEP, {"code": "123456"}).status_code == 422
    assert not is_in(client)
    client.post(STEP, {"code": code_now(key)})
    assert is_in(client)


def test_the_operator_s_link_asks_for_it_too() -> None:
    from django.utils import timezone

    from quarterdeck.core.services import accounts

    account = member()
    with_app(account)
    client = Client()
    assert client.post(accounts.sign_in_link(account, now=timezone.now())).headers["Location"] == STEP
    assert not is_in(client)


def needs_it(code: str) -> None:
    role = Role.objects.get(code=code)
    role.needs_second_factor = True
    store.save(role, make.why(), fields=["needs_second_factor"])


def test_a_role_that_asks_for_it_leads_its_holders_to_set_one_up_before_anything_else() -> None:
    account = member("viewer")
    client, text = browser(account), token_of(account)
    assert is_in(client)
    needs_it("viewer")

    closed = ["/", "/my-work/", "/projects/", "/account/tokens/", "/account/sessions/", "/interface/"]
    answers = [client.get(path) for path in closed]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
        (302, "/account/second-factor/")
    }
    assert client.post("/account/tokens/", {"name": "x"}).status_code == 403
    assert not opens(text)
    open_ones = ["/account/second-factor/", "/account/second-factor/app/", "/account/passkeys/add/", "/account/"]
    assert [client.get(path).status_code for path in open_ones] == [200] * 4
    assert "Set up a second factor first" in client.get("/account/second-factor/").content.decode()

    with_app(account)

    assert is_in(client)
    assert opens(text)
    with pytest.raises(Refused, match="A role of yours"):
        second_factor.remove_app(make.signed_in(account), account, now=NOW)
    print(
        f"R36 role that asks for a second factor: {len(closed)}/{len(closed)} pages and 1/1 token closed until enrolled"
    )


def test_nobody_else_is_asked() -> None:
    account = member("viewer")
    make.organisation()
    needs_it("administrator")
    assert is_in(browser(account))


def test_an_administrator_resets_it_and_its_owner_is_told() -> None:
    account = member()
    with_app(account)
    client = browser(member("administrator"))
    page = f"/people/{account.person.uid}/sign-in/"
    assert "authenticator app" in client.get(page).content.decode()
    assert client.post(f"{page}{account.pk}/reset/").status_code == 302
    assert not Authenticator.objects.filter(user=account).exists()
    assert OutgoingMail.objects.filter(address=account.email, subject__contains="reset").count() == 1
    for kept in (LedgerEntry, SecurityEvent):
        assert kept.objects.filter(event="core.second_factor.reset").count() == 1


def test_who_may_reset_it() -> None:
    account = member()
    with_app(account)
    with pytest.raises(NotAllowed):
        second_factor.reset(make.actor("viewer"), account, now=NOW)
    with pytest.raises(ConfirmFirst):
        second_factor.reset(make.signed_in(member("administrator"), NOW - timedelta(minutes=6)), account, now=NOW)
    own = member("administrator")
    with_app(own)
    with pytest.raises(Refused, match="under your account"):
        second_factor.reset(make.signed_in(own), own, now=NOW)
    with pytest.raises(NotFound):
        second_factor.remove_app(make.signed_in(member()), account, now=NOW)
    assert Authenticator.objects.filter(user=account, type="totp").exists()


def test_the_pages_set_it_up_and_take_it_away() -> None:
    account = member()
    client = browser(account)
    page = client.get("/account/second-factor/app/").content.decode()
    key = client.session["app_key"]
    assert " ".join(key[at : at + 4] for at in range(0, 32, 4)) in page
    assert "data:image/svg+xml;base64," in page
    assert client.post("/account/second-factor/app/", {"code": "000000"}).status_code == 422
    shown = client.post("/account/second-factor/app/", {"code": code_now(key)})
    assert shown.status_code == 200
    assert "shown now and never again" in shown.content.decode()
    assert "10 left" in client.get("/account/second-factor/").content.decode()
    assert client.post("/account/second-factor/app/remove/").status_code == 302
    assert not Authenticator.objects.exists()


def test_changing_it_needs_a_fresh_proof() -> None:
    account = member()
    client = browser(account)
    session = client.session
    session["confirmed"] = 1.0
    session.save()
    assert client.get("/account/second-factor/app/").headers["Location"].startswith("/account/confirm/")
    assert client.get("/account/passkeys/add/").headers["Location"].startswith("/account/confirm/")
    with_app(account)
    assert client.post("/account/second-factor/codes/").status_code == 403
    assert client.post("/account/second-factor/app/remove/").status_code == 403
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_secret_that_another_key_sealed_opens_nothing() -> None:
    account = member()
    key = with_app(account)
    Authenticator.objects.filter(type="totp").update(data={"secret": "gAAAAABnot"})
    with pytest.raises(Refused):
        second_factor.check_code(account, code_now(key, 1), now=NOW)
