"""This part stands on its own: the process that opens untrusted files loads no web framework and no database."""

import subprocess
import sys
from pathlib import Path

from quarterdeck.exchange.tabular import reading

MODULES = sorted(path.stem for path in Path(reading.__file__).parent.glob("*.py") if path.stem != "__init__")


def test_no_module_loads_the_web_framework() -> None:
    imports = "; ".join(f"import quarterdeck.exchange.tabular.{name}" for name in MODULES)
    check = "import sys; sys.exit(any(name in sys.modules for name in ('django', 'psycopg', 'socket')))"

    done = subprocess.run(
        [sys.executable, "-c", f"{imports}; {check}"], env={"PYTHONPATH": str(reading.PACKAGE_ROOT)}, check=False
    )

    assert len(MODULES) > 10
    assert done.returncode == 0
