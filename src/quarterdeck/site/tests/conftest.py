import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.site import embedded
from quarterdeck.site.embedded.cluster import Cluster
from quarterdeck.site.tests.running import quarterdeck


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with an empty organisation. Made once a run, copied by each worker; who changes it copies it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    original = embedded.scratch() / f"quarterdeck-founded-{run}"
    mine = Path(f"{original}-{os.getpid()}")
    made = False
    with open(f"{original}.lock", "w", encoding="utf-8") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not original.exists():
            made = True
            original.mkdir(mode=0o711)
            done = quarterdeck(original, "init", "--organisation", "Aster", "--admin-email", "ada@example.org")
            assert done.returncode == 0, done.stderr
        subprocess.run(["cp", "-a", str(original), str(mine)], check=True)
    yield mine
    Cluster(mine).stop()
    shutil.rmtree(mine)
    if made:
        with open(f"{original}.lock", "w", encoding="utf-8") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            shutil.rmtree(original)
            Path(f"{original}.lock").unlink()
