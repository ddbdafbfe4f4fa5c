"""
What a call changed, table by table.

The database counts the rows a transaction adds, changes and deletes. Where the counts did not move nothing happened;
where they did the content of the table decides, because what was rolled back counts too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from quarterdeck.core.models import ApiToken, RateCounter, SecurityEvent, SignedInSession

# What every call may write, also one that is refused: who asked, and how often.
SECURITY = SecurityEvent._meta.db_table
LOGS = frozenset(model._meta.db_table for model in (SecurityEvent, SignedInSession, RateCounter))
# A token remembers when it was last used; nothing else of it changes by being used.
USES = frozenset({ApiToken._meta.db_table})
COUNTS = """
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    WHERE schemaname = 'public' AND n_tup_ins + n_tup_upd + n_tup_del > 0
"""


def counts() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, whether or not it took them back."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return dict(cursor.fetchall())


def digest(table: str) -> str:
    """A checksum of everything in a table, whatever the order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM public.\"{table}\" t"
        )
        return str(cursor.fetchone()[0])


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


@dataclass
class Baseline:
    """The state that every call starts from; what differs from it was changed by the call."""

    known: dict[str, str] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    @classmethod
    def here(cls) -> "Baseline":
        return cls({table: digest(table) for table in tables()}, counts())

    def start(self) -> None:
        """To be called when the state is the baseline again."""
        self.counted = counts()

    def moved(self) -> frozenset[str]:
        """Tables that were written to, even where it was taken back."""
        now = counts()
        return frozenset(name for name in now if now[name] != self.counted.get(name, 0))

    def differ(self, suspects: Iterable[str] | None = None) -> frozenset[str]:
        """Tables, among the suspects or all, whose content is not the baseline's. The logs are left out."""
        looked_at = set(self.known if suspects is None else suspects) - LOGS
        return frozenset(name for name in looked_at if digest(name) != self.known.get(name))
