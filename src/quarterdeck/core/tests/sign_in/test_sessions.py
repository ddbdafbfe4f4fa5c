"""Sessions end when they should, on the server, with the next request."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from quarterdeck.core import access, store
from quarterdeck.core.errors import NotFound
from quarterdeck.core.models import Account, LedgerEntry, SecurityEvent, SignedInSession
from quarterdeck.core.services import accounts, ending, roles, second_factor
from quarterdeck.core.tests import make
from quarterdeck.core.tests.sign_in.people import (
    OTHER_PASSWORD,
    PASSWORD,
    browser,
    code_now,
    is_in,
    member,
    opens,
    sign_in,
    token_of,
    with_app,
)
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
Clock = Callable[[timedelta], datetime]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_a_sign_in_brings_another_key_and_what_was_planted_before_is_worth_nothing() -> None:
    account, client = member(), Client()
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(client, account.email)
    assert client.session.session_key != before
    assert not SignedInSession.objects.filter(session_key=before).exists()
    assert is_in(client)
    figure("R16", "another key", part="sign-in")


def test_another_right_brings_another_key_with_the_next_page() -> None:
    account = member("viewer")
    client = browser(account)
    assert is_in(client)
    before = client.session.session_key
    assert is_in(client)
    assert client.session.session_key == before

    make.grant(account.person, "pmo_lead", make.top())

    assert is_in(client)
    assert client.session.session_key != before
    assert not SignedInSession.objects.filter(session_key=before).exists()
    assert SignedInSession.objects.filter(account=account).count() == 1
    figure("R16", "another key with the next page", part="another right")


def test_a_right_that_is_taken_brings_another_key_too() -> None:
    account = member()
    holding = make.grant(account.person, "viewer", make.top())
    client = browser(account)
    assert is_in(client)
    before = client.session.session_key
    roles.end_holding_on(
        holding, last_day=make.MONDAY.date() - timedelta(days=2000), why=store.Because(None, make.MONDAY), actor=None
    )
    assert is_in(client)
    assert client.session.session_key != before


def test_a_part_of_a_page_keeps_the_key_so_that_others_on_their_way_stay_signed_in() -> None:
    account = member("viewer")
    client = browser(account)
    assert is_in(client)
    before = client.session.session_key
    make.grant(account.person, "pmo_lead", make.top())
    client.get("/my-work/", headers={"HX-Request": "true"})
    assert client.session.session_key == before


def test_a_session_ends_after_thirty_minutes_without_a_request(clock: Clock) -> None:
    client = browser(member())
    for _each in range(5):
        clock(29 * MINUTE)
        assert is_in(client)
    clock(30 * MINUTE)
    assert not is_in(client)
    figure("R16", "30 min", part="ends without a request")


def test_a_session_ends_after_twelve_hours_whatever_happens(clock: Clock) -> None:
    client = browser(member())
    for _each in range(48):
        clock(15 * MINUTE - timedelta(seconds=1))
        assert is_in(client)
    clock(MINUTE)
    assert not is_in(client)
    figure("R16", "12 h", part="ends whatever happens")


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(clock: Clock) -> None:
    client = browser(member())
    for _each in range(29):
        clock(MINUTE)
        assert client.get("/account/sessions/left/", headers={"X-Poll": "1"}).status_code == 200
    clock(MINUTE)
    assert not is_in(client)


def test_being_seen_is_written_once_a_minute(clock: Clock, django_assert_max_num_queries: object) -> None:
    client = browser(member())
    assert is_in(client)
    seen = SignedInSession.objects.get().last_seen_at
    clock(timedelta(seconds=59))
    assert is_in(client)
    assert SignedInSession.objects.get().last_seen_at == seen
    now = clock(timedelta(seconds=2))
    assert is_in(client)
    assert SignedInSession.objects.get().last_seen_at == now


def test_an_expired_session_is_refused_a_hundred_times_of_a_hundred(clock: Clock) -> None:
    account = member()
    clients = []
    for _each in range(100):
        client = Client()
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert is_in(client)
        clients.append(client)
    clock(30 * MINUTE)
    refused = [client for client in clients if not is_in(client)]
    assert len(refused) == 100
    figure("R16", f"{len(refused)}/100", part="expired sessions refused")


def disable(account: Account) -> None:
    accounts.disable_account(make.admin(now=NOW()), account, now=NOW())


def change_password(account: Account) -> None:
    actor = make.signed_in(account, now=NOW())
    accounts.set_password(actor, account, OTHER_PASSWORD, current=PASSWORD, now=NOW())


def reset_password(account: Account) -> None:
    account.set_password(OTHER_PASSWORD)
    account.save(update_fields=["password"])
    accounts.note_password(account, now=NOW())


def reset_second_factor(account: Account) -> None:
    second_factor.reset(make.admin(now=NOW()), account, now=NOW())


def everywhere(account: Account) -> None:
    ending.sign_out_everywhere(make.signed_in(account, now=NOW()), account, now=NOW())


def administrator(account: Account) -> None:
    ending.end_sessions_of(make.admin(now=NOW()), account, now=NOW())


def NOW() -> datetime:  # noqa: N802 - the clock of the test, wherever it stands
    from django.utils import timezone

    return timezone.now()


ENDS = [disable, change_password, reset_password, reset_second_factor, everywhere, administrator]


@pytest.mark.parametrize("end", ENDS, ids=[each.__name__ for each in ENDS])
def test_what_ends_an_account_ends_all_its_sessions_and_tokens_with_the_next_request(
    end: Callable[[Account], None],
) -> None:
    account, bystander = member(), member()
    key = with_app(account)
    clients = [Client() for _each in range(3)]
    for step, client in enumerate(clients):
        client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert is_in(client), step
    other, others_token = browser(bystander), token_of(bystander)
    texts = [token_of(account) for _each in range(3)]
    assert key
    assert all(opens(text) for text in texts)

    end(Account.objects.get(pk=account.pk))

    assert [is_in(client) for client in clients] == [False] * 3
    assert [opens(text) for text in texts] == [False] * 3
    assert not SignedInSession.objects.filter(account=account).exists()
    assert is_in(other)
    assert opens(others_token)
    figure("R16", "3/3 sessions and 3/3 tokens over with the next request", part=end.__name__)


def test_a_session_that_is_written_while_all_are_ended_opens_nothing() -> None:
    """The mutant that deletes rows but keeps the epoch fails here: the row comes back, the epoch does not fit."""
    account = member()
    client = browser(account)
    assert is_in(client)
    row = SignedInSession.objects.get()
    ending.end_all(account, now=NOW())
    row.save(force_insert=True)
    assert not is_in(client)


def test_one_s_own_new_password_keeps_the_session_it_was_chosen_in() -> None:
    account = member()
    client, other, text = browser(account), browser(account), token_of(account)
    before = client.session.session_key
    sent = {"current": PASSWORD, "password": OTHER_PASSWORD}
    assert client.post("/account/", sent).status_code == 200
    assert is_in(client)
    assert client.session.session_key != before
    assert not is_in(other)
    assert not opens(text)


def test_signing_out_ends_this_session_on_the_server_and_no_other() -> None:
    account = member()
    client, other = browser(account), browser(account)
    kept = client.cookies["sessionid"].value
    client.post("/accounts/sign-out/")
    stolen = Client()
    stolen.cookies["sessionid"] = kept
    assert not is_in(stolen)
    assert is_in(other)
    figure("R16", "over on the server, others stay", part="sign-out")
    assert SecurityEvent.objects.filter(event="core.account.signed_out", account_id=account.pk).count() == 1


def test_one_looks_at_one_s_own_sessions_and_ends_one() -> None:
    account = member()
    client = browser(account)
    other = browser(account, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"})
    page = client.get("/account/sessions/").content.decode()
    assert "Firefox, Windows" in page
    assert page.count("End this") == 2
    uid = SignedInSession.objects.get(device="Firefox, Windows").uid
    assert client.post(f"/account/sessions/{uid}/end/").status_code == 302
    assert not is_in(other)
    assert is_in(client)


def test_one_ends_all_other_sessions() -> None:
    account = member()
    client, others = browser(account), [browser(account), browser(account)]
    assert client.post("/account/sessions/others/end/").status_code == 302
    assert is_in(client)
    assert [is_in(each) for each in others] == [False, False]


def test_nobody_ends_the_session_of_somebody_else() -> None:
    account, stranger = member(), member()
    client = browser(account)
    session = SignedInSession.objects.get(account=account)
    with pytest.raises(NotFound):
        ending.end_session(make.signed_in(stranger), session, now=make.MONDAY)
    assert browser(stranger).post(f"/account/sessions/{session.uid}/end/").status_code == 404
    assert is_in(client)


def test_signing_out_everywhere_is_in_the_ledger() -> None:
    account = member()
    client, other, text = browser(account), browser(account), token_of(account)
    assert client.post("/account/sessions/everywhere/").headers["Location"] == "/accounts/sign-in/"
    assert not is_in(client)
    assert not is_in(other)
    assert not opens(text)
    assert LedgerEntry.objects.filter(event="core.account.signed_out_everywhere").count() == 1


def test_nobody_switches_off_the_last_administrator_or_the_account_they_use() -> None:
    admin = make.admin(now=NOW())
    account = accounts.first_administrator()
    from quarterdeck.core.errors import Refused

    with pytest.raises(Refused, match="signed in with"):
        accounts.disable_account(admin, account, now=NOW())
    lead = member("pmo_lead")
    with pytest.raises(Refused, match="Nobody else"):
        accounts.disable_account(make.signed_in(lead, now=NOW()), account, now=NOW())
    assert access.actor_of_account(account, now=NOW()).grants


def test_a_part_of_a_page_that_is_asked_for_after_the_end_leads_the_whole_page_to_the_sign_in() -> None:
    answer = Client().get(
        "/my-work/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/projects/?q=a"}
    )
    assert answer.headers["HX-Redirect"] == "/accounts/sign-in/?next=/projects/%3Fq%3Da"


def test_a_form_that_is_sent_after_the_end_leads_back_to_its_page() -> None:
    answer = Client().post("/account/tokens/", headers={"Referer": "http://testserver/account/tokens/"})
    assert answer.headers["Location"] == "/accounts/sign-in/?next=/account/tokens/"
    away = Client().post("/account/tokens/", headers={"Referer": "http://evil.example/account/"})
    assert away.headers["Location"] == "/accounts/sign-in/?next=/"


def test_the_second_step_counts_as_one_sign_in() -> None:
    account = member()
    key = with_app(account)
    client = Client()
    answer = sign_in(client, account.email)
    assert answer.headers["Location"] == "/accounts/sign-in/second-factor/"
    assert not is_in(client)
    assert client.post(answer.headers["Location"], {"code": code_now(key)}).status_code == 302
    assert is_in(client)
    event = SecurityEvent.objects.get(event="core.account.signed_in")
    assert event.facts == {"by": ["password", "totp"]}
