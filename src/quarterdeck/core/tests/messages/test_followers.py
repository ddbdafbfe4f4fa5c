"""What follows an event happens with it or not at all."""

from collections.abc import Iterator

import pytest

from quarterdeck.core import followers, ledger
from quarterdeck.core.errors import Refused
from quarterdeck.core.followers import Happening
from quarterdeck.core.models import LedgerEntry, Organisation
from quarterdeck.core.services import accounts
from quarterdeck.core.tests import make
from quarterdeck.core.tests.make import MONDAY

pytestmark = pytest.mark.django_db


class Heard:
    """A follower that keeps what it hears, and refuses when told to."""

    def __init__(self, name: str, said: list[str]) -> None:
        self.name, self.said, self.refuses = name, said, False
        self.__name__ = name

    def __call__(self, happening: Happening) -> None:
        self.said.append(f"{self.name}: {happening.event} by {happening.person_id}")
        if self.refuses:
            raise Refused("not_now", "Not now.")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def first(said: list[str]) -> Iterator[Heard]:
    heard = Heard("first", said)
    followers.follow("core.organisation.", heard)
    yield heard
    followers.leave("core.organisation.", heard)


@pytest.fixture
def second(first: Heard, said: list[str]) -> Iterator[Heard]:
    heard = Heard("second", said)
    followers.follow("core.organisation.named", heard)
    yield heard
    followers.leave("core.organisation.named", heard)


def rename() -> None:
    accounts.name_organisation(make.admin(), name="Anew", currency="EUR", now=MONDAY)


def test_followers_hear_of_an_event_in_the_order_in_which_they_came(second: Heard, said: list[str]) -> None:
    admin = make.admin()
    said.clear()
    rename()
    event = f"core.organisation.named by {admin.person_id}"
    assert said == [f"first: {event}", f"second: {event}"]


def test_a_follower_hears_of_its_own_event_only(second: Heard, said: list[str]) -> None:
    admin = make.admin()
    said.clear()
    ledger.record(admin, "core.organisations.counted", on=None, at=MONDAY)
    assert said == []


def test_a_follower_that_refuses_takes_the_act_back(second: Heard) -> None:
    make.admin()
    second.refuses = True
    with pytest.raises(Refused, match="Not now"):
        rename()
    assert Organisation.objects.get().name == "Norhaven"
    assert not LedgerEntry.objects.filter(event="core.organisation.named").exists()


def test_nobody_follows_the_same_twice(first: Heard) -> None:
    with pytest.raises(ValueError, match="already"):
        followers.follow("core.organisation.", first)
