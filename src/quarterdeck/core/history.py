"""
History with two times: when a fact took effect and when it was recorded.

A governed model gets row versions by database triggers, so that no write is missed. The application's role may
add versions and read them, never change them. Reading the past is `quarterdeck.core.time.at`.

Of versions of one day the one written last counts, by pgh_id: it is given while the row is locked. pgh_created_at is
when a transaction began, and who began earlier may write later.
"""

from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import models
from pghistory import trigger as pghistory_trigger

M = TypeVar("M", bound=models.Model)

# The day a write takes effect is a setting of the transaction (`store` sets it). Without it: today, but never
# before the row's own day, since a write dated earlier must not replace the current row.
SET_EFFECTIVE = """
    IF coalesce(current_setting('qd.effective_on', true), '') <> '' THEN
        NEW.effective_on := current_setting('qd.effective_on')::date;
    ELSIF TG_OP = 'UPDATE' THEN
        NEW.effective_on := greatest(OLD.effective_on, current_date);
    ELSE
        NEW.effective_on := coalesce(NEW.effective_on, current_date);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.effective_on < OLD.effective_on THEN
        RAISE EXCEPTION 'a write dated % must not replace a row dated %', NEW.effective_on, OLD.effective_on;
    END IF;
    RETURN NEW;
"""


class Governed(models.Model):
    """
    What every governed row carries.

    version is the optimistic lock; effective_on is kept by a trigger and says from which day the row holds.
    """

    version = models.PositiveIntegerField(default=1)
    effective_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class _RemovalTrigger(pghistory_trigger.Event):
    """A removal takes effect today, but never before the row's last version, or the row would return."""

    def get_func(self, model: Any) -> Any:
        written = super().get_func(model)  # type: ignore[no-untyped-call]
        day = "coalesce(nullif(current_setting('qd.effective_on', true), '')::date, current_date)"
        return pgtrigger.Func(str(written.func).replace('OLD."effective_on"', f'greatest(OLD."effective_on", {day})'))


class Removal(pghistory.DeleteEvent):
    """The version that ends a row."""

    def add_event_trigger(self, event_model: type[models.Model]) -> None:
        pgtrigger.register(
            _RemovalTrigger(  # type: ignore[no-untyped-call]
                event_model=event_model,
                label=self.label,
                name=self.trigger_name,
                row=self.row,
                operation=self.operation,
                condition=self.condition,
                level=self.level,
            )
        )(event_model.pgh_tracked_model)  # type: ignore[attr-defined]


GOVERNED: list[type[models.Model]] = []


def governed(model: type[M]) -> type[M]:
    """Class decorator: keep every version of the rows of this model."""
    pgtrigger.register(
        pgtrigger.Trigger(
            name="effective_on",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update,
            func=SET_EFFECTIVE,
        )
    )(model)
    tracked = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        Removal(),
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type]
        obj_field=pghistory.ObjForeignKey(related_name="versions", db_index=False),
        meta={
            "indexes": [
                models.Index(fields=["id", "-effective_on", "-pgh_id"], name=f"{model._meta.model_name}_as_of"[:30])
            ]
        },
    )(model)
    GOVERNED.append(tracked)
    return tracked  # type: ignore[no-any-return]


def version_model(model: type[models.Model]) -> type[models.Model]:
    """The model of a governed model's versions."""
    return model.pgh_event_models["insert"]  # type: ignore[attr-defined,no-any-return]
