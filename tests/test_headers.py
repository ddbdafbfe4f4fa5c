"""Headers and cookies of every kind of answer, and what Django says about a deployment (R35)."""

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from quarterdeck.core.tests.sign_in.people import browser, member
from quarterdeck.core.web import navigation
from tests.proof.figures import figure

SECURE = {"QUARTERDECK_BASE_URL": "https://pmo.example.org", "QUARTERDECK_HOSTS": "pmo.example.org,testserver"}


@pytest.mark.django_db
def test_the_nonce_differs_in_a_hundred_of_a_hundred_answers() -> None:
    client, nonces = browser(member("pmo_lead")), set()
    paths = ["/projects/unknown/", "/accounts/sign-out/", "/nowhere/", "/account/second-factor/"]
    for number in range(100):
        answer = client.get(paths[number % 4])
        found = re.search(r"script-src 'nonce-([^']+)' 'strict-dynamic'", answer.headers["Content-Security-Policy"])
        assert found
        assert f'nonce="{found[1]}"' in answer.content.decode()
        nonces.add(found[1])
    assert len(nonces) == 100
    figure("R35", f"{len(nonces)}/100 differ", part="nonce")


def kinds(client: Client) -> dict[str, Callable[[], HttpResponse]]:
    """An answer of each part of the stack."""
    anonymous = Client(raise_request_exception=False)
    strict = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return {
        "page": lambda: client.get("/projects/"),
        "sign-in": lambda: anonymous.get("/accounts/sign-in/"),
        "link": lambda: anonymous.get("/sign-in/abc/"),
        "redirect": lambda: anonymous.get("/projects/"),
        "not found": lambda: client.get("/projects/unknown/"),
        "no such address": lambda: client.get("/nowhere/at/all"),
        "foreign host": lambda: anonymous.get("/", headers={"Host": "evil.example"}),
        "method": lambda: client.get("/account/second-factor/codes/"),
        "without a token": lambda: strict.post("/accounts/sign-in/"),
        "refused": lambda: client.post("/account/second-factor/codes/"),
        "too large": lambda: anonymous.generic("POST", "/imports/new/", b"x", CONTENT_LENGTH=str(22 * 1024 * 1024)),
        "bad request": lambda: client.get("/projects/?sort=nothing"),
        "failure": lambda: client.get("/my-work/", headers={"X-Break": "1"}),
        "export": lambda: client.get("/projects/?format=csv"),
        "data": lambda: client.get("/account/sessions/left/"),
        "part": lambda: client.get("/projects/", headers={"HX-Request": "true"}),
        "health": lambda: anonymous.get("/health/live"),
        "interface": lambda: anonymous.get("/api/v1/projects"),
        "static": lambda: anonymous.get("/static/quarterdeck/favicon.svg"),
        "no such file": lambda: anonymous.get("/static/quarterdeck/nothing.css"),
    }


def text_of(answer: HttpResponse) -> str:
    return "" if answer.streaming else answer.content.decode()


@pytest.mark.django_db
def test_every_kind_of_answer_carries_the_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(member("pmo_lead"))
    client.raise_request_exception = False
    waiting = navigation.waiting

    def break_when_asked(actor: Any) -> Any:
        raise RuntimeError("on purpose")

    found = {}
    for name, ask in kinds(client).items():
        monkeypatch.setattr(navigation, "waiting", break_when_asked if name == "failure" else waiting)
        found[name] = ask()
    statuses = {answer.status_code for answer in found.values()}
    assert {200, 302, 400, 401, 403, 404, 405, 413, 500} <= statuses
    for name, answer in found.items():
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, name
        assert {"base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; ")), name
        assert "unsafe-eval" not in policy
        assert "script-src 'nonce-" in policy or "<script" not in text_of(answer), name
        kept = [answer.headers[each] for each in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")]
        assert kept == ["nosniff", "same-origin", "DENY"], name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        if name != "static":
            assert "no-store" in answer.headers["Cache-Control"], name
    figure("R35", f"{len(found)} kinds of answer, all headers on each", part="headers")


@pytest.mark.django_db
def test_cookies_are_for_the_server_and_for_this_site() -> None:
    client = browser(member())
    client.get("/account/")
    cookies = {name: client.cookies[name] for name in ("sessionid", "csrftoken")}
    assert [(cookie["httponly"], cookie["samesite"]) for cookie in cookies.values()] == [(True, "Lax")] * 2
    assert cookies["sessionid"]["max-age"] == ""


def secure(code: str, *more: str) -> str:
    """What a process prints that runs with an https address."""
    head = """
    import os
    os.environ["DJANGO_SETTINGS_MODULE"] = "quarterdeck.site.settings"
    import django
    django.setup()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(code), *more],
        env=os.environ | SECURE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_behind_https_cookies_are_bound_and_browsers_told_to_stay(committed: str) -> None:
    said = secure(
        """
        from django.test import Client
        from quarterdeck.core.tests.sign_in.people import member, sign_in
        client = Client(raise_request_exception=False)
        https = {"secure": True, "headers": {"Host": "pmo.example.org", "Origin": "https://pmo.example.org"}}
        account = member()
        answers = [sign_in(client, account.email, **https)]
        for cookie in client.cookies.values():
            print(cookie.key, *(cookie[each] or "-" for each in ("secure", "httponly", "samesite", "path", "domain")))
        for path in ("/account/", "/nowhere/", "/health/live", "/static/quarterdeck/favicon.svg"):
            answers.append(client.get(path, **https))
        answers.append(client.get("/", secure=True, headers={"Host": "evil.example"}))
        print([answer.status_code for answer in answers])
        print({answer.headers.get("Strict-Transport-Security") for answer in answers})
        plain = client.get("/account/", headers={"Host": "pmo.example.org"})
        print(plain.status_code, plain.headers["Location"])
        """
    ).splitlines()
    assert said[:2] == ["__Host-csrf True True Lax / -", "__Host-session True True Lax / -"]
    assert said[2] == "[302, 200, 404, 200, 200, 400]"
    assert said[3] == "{'max-age=31536000; includeSubDomains'}"
    assert said[4] == "301 https://pmo.example.org/account/"
    figure("R35", "__Host-, Secure, HttpOnly, SameSite=Lax; HSTS 31536000 on 6 of 6", part="https")


def test_django_has_nothing_to_say_about_the_deployment(committed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quarterdeck", "manage", "check", "--deploy", "--fail-level", "WARNING"],
        env=os.environ | SECURE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout + done.stderr
    figure("R35", "0 warnings", part="check --deploy")
