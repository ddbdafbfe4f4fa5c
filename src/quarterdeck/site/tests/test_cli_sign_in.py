"""What the operator does for people who cannot sign in."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.utils import timezone

from quarterdeck.core import access
from quarterdeck.core.models import Account
from quarterdeck.core.queries import sign_in as questions
from quarterdeck.core.services import invitations
from quarterdeck.core.tests import make
from quarterdeck.site.cli import exits


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "quarterdeck", *words],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_link_is_handed_over_and_opens_the_invitation_once(committed: str) -> None:
    make.organisation()
    now = timezone.now()
    invitations.invite(make.admin(now), email="eva@example.org", name="Eva Lindqvist", now=now)

    done = command("invitation-link", "Eva@example.org")

    token = urlsplit(done.stdout.strip()).path.strip("/").split("/")[-1]
    accepted = invitations.accept(token, now=timezone.now(), password="a lantern on the quarterdeck")
    assert (accepted.email, accepted.person.name) == ("eva@example.org", "Eva Lindqvist")
    again = command("invitation-link", "eva@example.org")
    assert (again.returncode, again.stderr.strip()) == (
        exits.REFUSED,
        "No invitation is open for eva@example.org.",
    )


def test_who_lost_the_second_factor_gets_in_again(committed: str) -> None:
    make.organisation()
    account = Account.objects.get(person_id=make.admin().person_id)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    assert questions.has_second_factor(account.pk)

    done = command("reset-second-factor", account.email)

    assert done.returncode == exits.DONE, done.stderr
    assert not questions.has_second_factor(account.pk)
    assert access.actor_of_account(account, now=timezone.now()).person_id == account.person_id
    again = command("reset-second-factor", account.email)
    assert (again.returncode, "has no second factor" in again.stderr) == (exits.REFUSED, True)
