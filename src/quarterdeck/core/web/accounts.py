"""How django-allauth behaves here."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from quarterdeck.core import security
from quarterdeck.core.models import Account
from quarterdeck.core.services import accounts, letters
from quarterdeck.core.web import limits, sessions
from quarterdeck.core.web.pages import way_on


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """
    Nobody makes an account for themselves: an administrator does.

    Its limits are ours, counted in the database; its own count in each process alone.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """A way on is a path of this site, whatever hosts are allowed."""
        return bool(way_on(url))

    def get_client_ip(self, request: HttpRequest) -> str:
        return limits.address_of(request)

    def add_message(self, *_args: Any, **_more: Any) -> None:
        """Our pages say themselves what happened."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        limits.sign_in(request, str(credentials.get("email", "")), timezone.now())

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email = str(credentials.get("email", ""))
        known = Account.objects.filter(email__iexact=email).first()
        security.note(
            "core.account.signed_in",
            at=timezone.now(),
            outcome="failed",
            account_id=known.pk if known else None,
            person_id=known.person_id if known else None,
            facts={"by": ["password"]},
        )

    def login(self, request: HttpRequest, user: Account) -> None:
        """Every way to sign in comes by here, when all its steps are done."""
        now = timezone.now()
        by = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
        super().login(request, user)
        sessions.begin(request, now)
        sessions.confirm(request, now)
        security.record(
            "core.account.signed_in", at=now, account_id=user.pk, person_id=user.person_id, facts={"by": by}
        )

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            security.note(
                "core.account.signed_out",
                at=timezone.now(),
                outcome="done",
                account_id=request.user.pk,
                person_id=request.user.person_id,
            )
        super().logout(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Links in mails lead to the configured address, whatever host the request named."""
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return f"{settings.BASE_URL}{path}"

    def send_password_reset_mail(self, user: Account, email: str, context: dict[str, Any]) -> None:
        lines = [
            _("Somebody asked for another password for your account. This link lets you choose one within an hour:"),
            _("If it was not you, nothing has to be done: the password stays as it is."),
        ]
        letters.send(
            user.email,
            subject=_("Choose another password"),
            lines=lines,
            path=urlsplit(context["password_reset_url"]).path,
            button=_("Choose another password"),
            now=timezone.now(),
            person=user.person,
        )

    @transaction.atomic
    def set_password(self, user: Account, password: str) -> None:
        """A password that is chosen by a link from a mail ends all sessions and is in the ledger like any other."""
        user.set_password(password)
        user.save(update_fields=["password"])
        accounts.note_password(user, now=timezone.now())
