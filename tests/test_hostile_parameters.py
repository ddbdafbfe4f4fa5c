"""What a parameter of a list is given that is none of its words: 400, and never a failure or a leak (R14)."""

from collections.abc import Iterator
from urllib.parse import urlencode

import django_filters
import pytest
from django.test import Client

from quarterdeck.core.models import Account
from quarterdeck.core.register.declaration import Register
from quarterdeck.core.register.registry import all_registers
from quarterdeck.core.tests.sign_in.people import browser, member
from quarterdeck.projects.tests import make
from tests.proof import asking, complaints
from tests.proof.figures import figure

pytestmark = pytest.mark.django_db
HOSTILE = [
    "assignee__password", "project__secret", "-created;--", "node__ref", "-node__holdings__person__accounts__password",
    "account__password", "pk", "-pk", "?", "__class__", "name__startswith", "node.name",
    "\"core_account\".\"password\"",
    "name) UNION SELECT password FROM core_account --", "' OR '1'='1", "1; DROP TABLE core_account", "1)) OR 1=1 --",
    "(SELECT pg_sleep(9))", "name,(select 1)", "{{7*7}}", "${7*7}", "<script>alert(1)</script>", "%s%(x)s", "\\'; --",
    "-", "--name", "Name", "name asc", "\u202ename", "9" * 400, "null", "\ud7ff\U0001f600",
]  # fmt: skip
DAYS = ("as_of", "known_at", "compare_with")
OTHERS = ("sort", "columns", *DAYS)


def parameters(register: Register) -> Iterator[str]:
    yield from OTHERS
    yield from register.filters.base_filters
    yield from HOSTILE[:3]  # names of parameters that do not exist


def expected(register: Register, name: str) -> int:
    """A day that is none is refused as any other fault of somebody's typing; a text that is looked for may be any."""
    if name in DAYS:
        return 422
    return 200 if type(register.filters.base_filters.get(name)) is django_filters.CharFilter else 400


def cases(every: int) -> Iterator[tuple[str, str, str, int]]:
    """Each parameter of each list with each so-many-th of the texts, others for each parameter; and what it gets."""
    number = 0
    for register in all_registers().values():
        page = asking.page_of(register)
        for name in parameters(register) if page else ():
            for text in HOSTILE[number % every :: every]:
                yield str(page), name, text, expected(register, name)
            number += 1


def ask(client: Client, cases: Iterator[tuple[str, str, str, int]], hashed: str) -> int:
    """How many were asked; fails unless each is refused as it should be and tells nothing."""
    wrong, asked = list[str](), 0
    for page, name, text, status in cases:
        answer = client.get(f"{page}?{urlencode({name: text})}", headers={"HX-Request": "true"})
        asked += 1
        if answer.status_code != status:
            wrong.append(f"{page} {name}={text[:50]}: {answer.status_code} and not {status}")
        if hashed in answer.content.decode() or "pbkdf2" in answer.content.decode():
            wrong.append(f"{page} {name}={text[:50]}: shows what is secret")
    complaints.none(wrong)
    return asked


@pytest.fixture
def looked() -> tuple[Client, str]:
    """The browser of somebody who gets every list, and what none of them may show."""
    make.project(make.portfolio("Roads", ref="ROADS"))
    account = member("administrator")
    return browser(account), Account.objects.get(pk=account.pk).password


def test_no_parameter_of_a_list_takes_what_is_none_of_its_words(looked: tuple[Client, str]) -> None:
    asked = ask(looked[0], cases(len(HOSTILE) // 2), looked[1])
    figure("R14", f"{asked} hostile parameters of pages, 0 taken, 0 failures", part=f"pages, 2 of {len(HOSTILE)} texts")


@pytest.mark.nightly
def test_no_parameter_of_a_list_takes_any_of_them(looked: tuple[Client, str]) -> None:
    asked = ask(looked[0], cases(1), looked[1])
    figure("R14", f"{asked} hostile parameters of pages, 0 taken, 0 failures", part=f"pages, {len(HOSTILE)} texts")


def test_a_parameter_that_takes_anything_would_be_found(
    looked: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mutant: a filter whose choices are not looked at."""
    register = all_registers()["projects"]
    monkeypatch.setitem(register.filters.base_filters, "stage", django_filters.CharFilter(field_name="node__name"))
    with pytest.raises(pytest.fail.Exception, match="stage=pk: 200 and not 400"):
        ask(looked[0], iter([(str(asking.page_of(register)), "stage", "pk", 400)]), looked[1])
