"""
A backup is one file: taken while people work, checked without a database, restored into an empty one.

>>> taken = backups.take(url, file, beside=…, tell=print)        # one snapshot, whatever is written meanwhile
>>> checked = backups.check(path, tell=print)                    # every byte, every row, the ledger's chains
>>> backups.restore(checked, empty, known=…, …)                  # all of it, the same, or nothing

`sealed` is the file around, `archive` the files inside, `tables` what a database holds, `chain` the ledger.
"""

from quarterdeck.site.backups.checking import Checked, check
from quarterdeck.site.backups.restoring import Restored, analyse, restore
from quarterdeck.site.backups.taking import Beside, Taken, take

__all__ = ["Beside", "Checked", "Restored", "Taken", "analyse", "check", "restore", "take"]
