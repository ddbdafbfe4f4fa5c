"""Rows as HTML. Cells are joined here and not in a template loop: that is an order of magnitude quicker."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from quarterdeck.core.register.declaration import Column, Register

NOTHING: frozenset[int] = frozenset()


class Rows:
    """
    Writes rows.

    editable : by the name of a column the ids of the rows whose cell can be edited. pickable : ids of the rows that can
    be selected; None where nothing is selected.
    """

    def __init__(
        self,
        register: Register,
        columns: Sequence[Column],
        *,
        editable: Mapping[str, Collection[int]] | None = None,
        pickable: Collection[int] | None = None,
    ) -> None:
        self.register = register
        self.pickable = pickable
        self.select = _("Select %(name)s")
        self.cells = []
        for column in columns:
            label = conditional_escape(column.label)
            classes = classes_of(column)
            plain = f'<td class="{classes}" data-label="{label}">'
            edit = f'<td class="{classes} qd-editable" data-label="{label}" data-edit="{column.name}" tabindex="-1">'
            self.cells.append((column.name, column.cell, plain, edit, (editable or {}).get(column.name, NOTHING)))

    def write(self, row: Any, *, saved: str = "", attributes: str = "") -> SafeString:
        """One row. saved: the column whose cell was just saved; it blinks once and is announced."""
        pk = row.pk
        parts: list[str] = [self._pick(row)] if self.pickable is not None else []
        for name, cell, plain, edit, ids in self.cells:
            head = edit if pk in ids else plain
            if name == saved:
                head = self._saved(head, row, cell)
            parts.append(f"{head}{conditional_escape(cell(row))}</td>")
        key = conditional_escape(self.register.key(row))
        return mark_safe(f'<tr data-key="{key}"{attributes}>{"".join(parts)}</tr>')

    def _pick(self, row: Any) -> SafeString:
        if self.pickable is None or row.pk not in self.pickable:
            return mark_safe('<td class="qd-pick qd-ph-none"></td>')
        return format_html(
            '<td class="qd-pick qd-ph-none"><input type="checkbox" class="qd-select" name="keys" value="{}" '
            'form="qd-bulk-form" aria-label="{}"></td>',
            self.register.key(row),
            self.select % {"name": self.register.name_of(row)},
        )

    def _saved(self, head: str, row: Any, cell: Any) -> str:
        said = format_html(' data-qd-say="{}"', _("%(name)s is saved") % {"name": self.register.name_of(row)})
        return head.replace('class="', 'class="qd-saved ', 1).replace(">", f"{said}>", 1)


def classes_of(column: Column) -> str:
    """Classes of a cell: how it is aligned, and where it stands on a phone."""
    kind = {"text": "", "number": "qd-num", "mark": "qd-mark"}[column.align]
    phone = f"qd-ph-{column.phone}" if column.phone else "qd-ph-none"
    return " ".join(part for part in (kind, "qd-trunc" if column.widest else "", phone) if part)
