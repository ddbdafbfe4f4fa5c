"""
A request that is sent twice has one effect.

The key is written in the transaction of the effect, together with the answer: either both are there or neither. While
a transaction works on a key it holds an advisory lock on it, so that a second one is told at once and does not wait.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from quarterdeck.core.models import Account, IdempotencyKey

KEPT_FOR = timedelta(hours=48)


def claim(account_id: int, key: str) -> bool:
    """Take the key until the transaction ends; False while another transaction has it."""
    with connection.cursor() as cursor:
        # Two keys with one number wait for each other for a moment; nothing else follows.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7021))", [f"{account_id}:{key}"])
        return bool(cursor.fetchone()[0])


def answered(account_id: int, key: str) -> IdempotencyKey | None:
    """The answer that was given for a key; None where there is none."""
    return IdempotencyKey.objects.filter(account_id=account_id, key=key).first()


def keep(
    account: Account, key: str, *, digest: str, status: int, headers: dict[str, str], body: str, now: datetime
) -> IdempotencyKey:
    """Keep the answer in the transaction of what it tells of."""
    return IdempotencyKey.objects.create(
        account=account,
        key=key,
        request_digest=digest,
        status=status,
        headers=headers,
        body=body,
        created_at=now,
        answered_at=now,
    )


@transaction.atomic
def forget(*, now: datetime) -> int:
    """Remove keys that nobody repeats any more; gives how many."""
    gone, _each = IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return gone
