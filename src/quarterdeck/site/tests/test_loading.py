"""A web process carries what its pages need, and loads what writes files or computes when somebody asks for it."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from quarterdeck.core.services import accounts
from quarterdeck.core.tests import make

# Libraries of tens of megabytes, for one kind of file, or for some ways to sign in; some only later releases bring.
HEAVY = (
    "PIL",
    "charset_normalizer",
    "cryptography",
    "docx",
    "fido2",
    "highspy",
    "hypothesis",
    "jwt",
    "llvmlite",
    "lxml",
    "matplotlib",
    "networkx",
    "numba",
    "numpy",
    "openpyxl",
    "ortools",
    "pandas",
    "playwright",
    "pptx",
    "pytest",
    "python_calamine",
    "rapidfuzz",
    "schemathesis",
    "scipy",
    "typst",
    "weasyprint",
    "xlsxwriter",
)
SERVED = """
import json, sys
from wsgiref.util import setup_testing_defaults
from quarterdeck.site.wsgi import application

answers = []
for path in {paths!r}:
    environ = {{"HTTP_HOST": "localhost", "PATH_INFO": path, "HTTP_COOKIE": {cookie!r}}}
    setup_testing_defaults(environ)
    b"".join(application(environ, lambda status, headers: answers.append(status)))
print(json.dumps({{"answers": answers, "loaded": sorted(sys.modules)}}))
"""


@pytest.fixture
def cookie(committed: str) -> str:
    """The session of somebody who signed in."""
    make.organisation()
    client = Client()
    client.force_login(accounts.first_administrator(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_a_web_process_that_served_pages_has_loaded_nothing_heavy(cookie: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVED.format(paths=["/accounts/login/", "/projects/"], cookie=cookie)],
        env=os.environ | {"QUARTERDECK_DEMO": "1"},  # the tests' database is a hurried one
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    served = json.loads(done.stdout)
    assert served["answers"][-1] == "200 OK"
    assert "quarterdeck.projects.registers" in served["loaded"]
    assert [name for name in HEAVY if name in served["loaded"]] == []
