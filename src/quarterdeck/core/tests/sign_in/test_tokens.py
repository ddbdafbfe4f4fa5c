"""Keys for programmes: shown once, kept as a digest, over when they should be."""

from datetime import timedelta

import pytest

from quarterdeck.core import store
from quarterdeck.core.errors import ConfirmFirst, NotFound, Refused
from quarterdeck.core.models import Account, ApiToken, LedgerEntry, Role, SecurityEvent
from quarterdeck.core.services import tokens
from quarterdeck.core.tests import make
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
NOW = make.MONDAY


def owner() -> Account:
    make.organisation()
    return make.account()


def test_a_token_acts_as_its_account_and_only_its_digest_is_kept() -> None:
    account = owner()

    token, text = tokens.make_token(make.signed_in(account), name="Nightly report", scopes=["read"], now=NOW)

    found = tokens.account_of_token(text, now=NOW)
    assert found is not None
    assert found == (account, token)
    kept = ApiToken.objects.values().get()
    assert text not in str(kept)
    assert text.startswith(kept["prefix"])
    assert len(kept["digest"]) == 64
    assert token.expires_at == NOW + timedelta(days=90)
    assert [text in entry for entry in LedgerEntry.objects.values_list("entry", flat=True)].count(True) == 0
    figure("R16", "0", part="tokens readable in the database")


def test_a_token_is_made_by_somebody_who_just_said_who_they_are() -> None:
    account = owner()
    early = make.signed_in(account, now=NOW - timedelta(minutes=6))
    with pytest.raises(ConfirmFirst):
        tokens.make_token(early, name="Report", scopes=["read"], now=NOW)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "  "}, "no_name"),
        ({"scopes": []}, "no_such_scope"),
        ({"scopes": ["read", "everything"]}, "no_such_scope"),
        ({"days": 366}, "lasts_too_long"),
        ({"days": 0}, "lasts_too_long"),
    ],
)
def test_what_a_token_cannot_be_is_said_at_its_field(wrong: dict[str, object], code: str) -> None:
    actor = make.signed_in(owner())
    with pytest.raises(Refused) as refused:
        tokens.make_token(actor, **({"name": "Report", "scopes": ["read"], "days": 90} | wrong), now=NOW)  # type: ignore[arg-type]
    assert refused.value.code == code
    assert list(refused.value.fields) == list(wrong)


def test_what_is_over_opens_nothing_a_hundred_times_of_a_hundred() -> None:
    account = owner()
    actor = make.signed_in(account)
    over, revoked = [], []
    for number in range(50):
        over.append(tokens.make_token(actor, name=f"E{number}", scopes=["read"], days=1, now=NOW)[1])
        token, text = tokens.make_token(actor, name=f"R{number}", scopes=["read"], now=NOW)
        tokens.revoke_token(actor, token, now=NOW)
        revoked.append(text)
    later = NOW + timedelta(days=1)
    refused = [text for text in (*over, *revoked) if tokens.account_of_token(text, now=later) is None]
    assert len(refused) == 100
    assert len([text for text in over if tokens.account_of_token(text, now=later - timedelta(seconds=1))]) == 50
    figure("R16", f"{len(refused)}/100", part="expired and revoked tokens refused")


def test_an_account_that_is_switched_off_has_no_token() -> None:
    account = owner()
    _token, text = tokens.make_token(make.signed_in(account), name="Report", scopes=["read"], now=NOW)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert tokens.account_of_token(text, now=NOW) is None


def test_while_a_role_asks_for_a_second_factor_that_is_not_there_the_token_waits() -> None:
    account = owner()
    _token, text = tokens.make_token(make.signed_in(account), name="Report", scopes=["read"], now=NOW)
    make.grant(account.person, "viewer", make.top())
    assert tokens.account_of_token(text, now=NOW) is not None
    role = Role.objects.get(code="viewer")
    role.needs_second_factor = True
    store.save(role, make.why(), fields=["needs_second_factor"])
    assert tokens.account_of_token(text, now=NOW) is None


def test_nobody_revokes_the_token_of_somebody_else() -> None:
    token, text = tokens.make_token(make.signed_in(owner()), name="Report", scopes=["read"], now=NOW)
    with pytest.raises(NotFound):
        tokens.revoke_token(make.signed_in(make.account()), token, now=NOW)
    assert tokens.account_of_token(text, now=NOW) is not None


def test_the_first_use_is_in_the_security_log_and_later_ones_are_noted_once_a_minute() -> None:
    _token, text = tokens.make_token(make.signed_in(owner()), name="Report", scopes=["read"], now=NOW)
    for seconds in (0, 10, 30, 70):
        tokens.account_of_token(text, now=NOW + timedelta(seconds=seconds))
    assert SecurityEvent.objects.filter(event="core.token.first_used").count() == 1
    assert ApiToken.objects.get().last_used_at == NOW + timedelta(seconds=70)


@pytest.mark.parametrize("text", ["", "qd_", "qd_" + "x" * 43, "x" * 60, "qd_\x00", "QD_abc"])
def test_what_is_no_token_opens_nothing(text: str) -> None:
    owner()
    assert tokens.account_of_token(text, now=NOW) is None
