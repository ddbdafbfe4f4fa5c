"""What the worker does when the day comes on which somebody is gone."""

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from quarterdeck.core.services import people


@app.periodic(cron="5 * * * *")
@app.task(name="core.close_accounts", queueing_lock="core.close_accounts")
def close_accounts(timestamp: int) -> None:
    """Every hour: whoever left by today signs in no more. Their roles ended by themselves the day before."""
    connection.close_if_unusable_or_obsolete()
    people.close_accounts_of_who_left(now=timezone.now())
