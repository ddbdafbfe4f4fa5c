"""Pages of imports."""

from quarterdeck.exchange.views.columns import columns, table
from quarterdeck.exchange.views.listing import came_with, imports, new
from quarterdeck.exchange.views.one import abandon, one, preview, problems, run

__all__ = ["abandon", "came_with", "columns", "imports", "new", "one", "preview", "problems", "run", "table"]
