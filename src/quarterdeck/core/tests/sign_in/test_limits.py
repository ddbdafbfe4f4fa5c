"""Limits: the one after the last is refused with when it is possible again, and no way leads around."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory

from quarterdeck.core.doors import Hourly
from quarterdeck.core.errors import TooMany
from quarterdeck.core.models import RateCounter, SecurityEvent
from quarterdeck.core.services import limits
from quarterdeck.core.tests import make
from quarterdeck.core.tests.sign_in.people import browser, is_in, member, sign_in
from quarterdeck.core.web.limits import address_of, network_of, plain_address
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
Clock = Callable[[timedelta], datetime]
NOW = make.MONDAY
MINUTE = timedelta(minutes=1)
RESET = "/accounts/password/reset/"


def spend(number: int, *, key: str = "a", limit: int = 5, at: datetime = NOW, run: bool = False) -> int:
    """How many of so many uses were allowed."""
    allowed = 0
    for _each in range(number):
        try:
            limits.spend(key, limit, MINUTE, at, run=run)
            allowed += 1
        except TooMany:
            pass
    return allowed


def test_so_many_are_allowed_and_the_next_says_when() -> None:
    assert spend(5) == 5
    with pytest.raises(TooMany) as refused:
        limits.spend("a", 5, MINUTE, NOW + timedelta(seconds=20))
    assert refused.value.retry_after == 40
    assert refused.value.status == 429
    assert "in 40 seconds" in refused.value.message
    assert spend(5, key="b") == 5
    assert spend(7, at=NOW + MINUTE) == 5


def test_a_run_lasts_until_there_was_a_pause() -> None:
    for seconds in (0, 50, 100, 150, 200):
        limits.spend("a", 5, MINUTE, NOW + timedelta(seconds=seconds), run=True)
    with pytest.raises(TooMany) as refused:
        limits.spend("a", 5, MINUTE, NOW + timedelta(seconds=210), run=True)
    assert refused.value.retry_after == 50
    with pytest.raises(TooMany):
        limits.spend("a", 5, MINUTE, NOW + timedelta(seconds=259), run=True)
    assert spend(5, at=NOW + timedelta(seconds=260), run=True) == 5


def test_one_row_counts_a_key_and_old_ones_go() -> None:
    spend(9)
    assert RateCounter.objects.count() == 1
    assert limits.clear_old(NOW + timedelta(hours=23)) == 0
    assert limits.clear_old(NOW + timedelta(days=1, seconds=1)) == 1


def test_a_flood_beyond_a_limit_is_one_line_of_the_log() -> None:
    spend(50)
    assert SecurityEvent.objects.filter(event="core.limit.reached").count() == 1


def status_of(client: Client, path: str, sent: dict[str, str] | None = None, **more: Any) -> tuple[int, str]:
    answer = client.post(path, sent, **more) if sent is not None else client.get(path, **more)
    return answer.status_code, answer.headers.get("Retry-After", "")


def test_the_sixth_sign_in_of_an_account_in_a_minute_waits(clock: Clock) -> None:
    account = member()
    client = Client(raise_request_exception=False)
    tries = [sign_in(client, account.email, "wrong").status_code for _each in range(6)]
    assert tries == [200] * 5 + [429]
    right = sign_in(client, account.email)
    assert right.status_code == 429
    assert 0 < int(right.headers["Retry-After"]) <= 60
    assert "It is possible again in" in right.content.decode()
    clock(timedelta(seconds=60))
    assert sign_in(client, account.email).status_code == 302
    figure("R31", "5 a minute and account, the 6th 429 with Retry-After", part="sign-in by account")


SAME = ("Lena@Norhaven.Example", " lena@norhaven.example ", "LENA@NORHAVEN.EXAMPLE")


def test_neither_case_nor_blanks_make_another_account() -> None:
    account = member()
    type(account).objects.filter(pk=account.pk).update(email="lena@norhaven.example")
    client = Client(raise_request_exception=False)
    for _each in range(5):
        sign_in(client, "lena@norhaven.example", "wrong")
    answers = [sign_in(client, email, "wrong").status_code for email in SAME]
    assert answers == [429] * 3
    # An address that no account has is counted the same way: nothing tells the one from the other.
    others = [email.replace("ena", "ora").replace("ENA", "ORA") for email in SAME]
    tries = [sign_in(client, email, "wrong").status_code for email in [*others, *others]]
    assert tries == [200] * 5 + [429]
    figure("R31", "0 of 4", part="bypass by letter case or blanks")


def test_the_twenty_first_sign_in_from_an_address_waits() -> None:
    client = Client(raise_request_exception=False)
    tries = [
        sign_in(client, f"somebody{number}@norhaven.example", "wrong", REMOTE_ADDR="203.0.113.9").status_code
        for number in range(21)
    ]
    assert tries == [200] * 20 + [429]
    assert sign_in(client, "x@norhaven.example", "wrong", REMOTE_ADDR="203.0.113.10").status_code == 200
    figure("R31", "20 a minute and address, the 21st 429", part="sign-in by address")


def test_a_forwarded_header_that_nobody_of_ours_wrote_changes_nothing() -> None:
    client = Client(raise_request_exception=False)
    tries = [
        sign_in(
            client, f"somebody{number}@norhaven.example", "wrong",
            REMOTE_ADDR="203.0.113.9", headers={"X-Forwarded-For": f"198.51.100.{number}"},
        ).status_code
        for number in range(25)
    ]  # fmt: skip
    assert tries == [200] * 20 + [429] * 5
    figure("R31", "0 of 5", part="bypass by X-Forwarded-For")


def test_all_of_one_ipv6_network_is_one_address() -> None:
    client = Client(raise_request_exception=False)
    tries = [
        sign_in(client, f"s{number}@norhaven.example", "wrong", REMOTE_ADDR=f"2001:db8:1:2::{number:x}:1").status_code
        for number in range(25)
    ]
    assert tries == [200] * 20 + [429] * 5
    assert sign_in(client, "x@norhaven.example", "wrong", REMOTE_ADDR="2001:db8:1:3::1").status_code == 200
    figure("R31", "0 of 5", part="bypass within an IPv6 /64")


@pytest.mark.parametrize(
    ("proxies", "header", "found"),
    [
        (0, "198.51.100.1", "203.0.113.9"),
        (1, "", "203.0.113.9"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (2, "198.51.100.1", "203.0.113.9"),
        (1, "6.6.6.6, [2001:db8::1]:4711", "2001:db8::1"),
        (1, "6.6.6.6, 198.51.100.1:4711", "198.51.100.1"),
        (1, "6.6.6.6, ::ffff:198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, evil\n", ""),
    ],
)
def test_of_a_forwarded_header_what_our_own_proxies_wrote_counts(
    proxies: int, header: str, found: str, settings: Any
) -> None:
    settings.PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=header)
    assert address_of(request) == found


def test_addresses_are_written_one_way() -> None:
    assert plain_address("2001:0DB8:0:0::1") == "2001:db8::1"
    assert plain_address("fe80::1%eth0") == "fe80::1"
    assert plain_address("unix:") == ""
    assert network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::"
    assert network_of("") == "unknown"


def test_the_fourth_letter_for_another_password_in_an_hour_waits_for_everybody(clock: Clock) -> None:
    account = member()
    for email in (account.email, "nobody@norhaven.example"):
        client = Client(raise_request_exception=False)
        answers = [status_of(client, RESET, {"email": email}) for _each in range(3)]
        assert answers == [(302, "")] * 3
        fourth = status_of(client, RESET, {"email": email.upper()})
        assert fourth == (429, "3600")
    clock(timedelta(hours=1))
    assert status_of(Client(), RESET, {"email": account.email}) == (302, "")
    figure("R31", "3 an hour, the 4th 429 with Retry-After, known and unknown alike", part="reset")


def test_the_eleventh_export_in_an_hour_waits(settings: Any, clock: Clock) -> None:
    settings.HOURLY = Hourly(exports=10, imports=10)
    client = browser(member("pmo_lead"))
    asked = [f"/projects/?format={kind}" for kind in ("csv", "xlsx")] * 5
    # The past is read-only, and what is taken out of it counts all the same.
    asked[4] = "/projects/?format=csv&as_of=2026-01-01"
    answers = [status_of(client, path) for path in asked]
    assert answers == [(200, "")] * 10
    assert status_of(client, "/ledger/?format=csv") == (429, "3600")
    assert client.get("/projects/").status_code == 200
    other = browser(member("pmo_lead"))
    assert status_of(other, "/projects/?format=csv")[0] == 200
    clock(timedelta(minutes=20))
    assert is_in(client)
    figure("R31", "10 an hour and account, the 11th 429 with Retry-After", part="export")
