"""`scripts/start`: everything that TrackTok needs, in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from . import ROOT, ProblemError, StoppedError, explain, ports, postgres, say, settings, valkey
from .environment import Environment, load_dotenv
from .instance import MARK, Instance
from .logfile import LogFile
from .process import Child, Supervisor, ending

_READY_SECONDS = 180
_MOST_WEB_WORKERS = 8
_THREADS = 4
_MOST_JOBS_AT_ONCE = 4
_BY_HAND = (
    *("TRACKTOK_ENV", "BASE_DOMAIN", "DATA_DIR", "SECRET_KEY", "JWT_SECRET", "STORAGE_URL", "SMTP_URL"),
    *("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "REDIS_URL"),
)
"""What a command that is run by hand needs to meet the same data."""
_DEMO_PEOPLE = ("owner@acme.com", "admin@acme.com", "analyst@acme.com", "member@acme.com", "vendor@acme.com",
                "employee@acme.com")  # fmt: skip
_CELERY_NOISE = ("superuser privileges", "SecurityWarning", "User information: uid=", "Please specify a different user")


def parse(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/start",
        description="Start TrackTok on this machine: PostgreSQL, Valkey, web, worker and scheduler. Ctrl-C stops all.",
        epilog="Settings are read from the environment and from .env (see .env.example). With DATABASE_URL or "
        "REDIS_URL set, that server is used and none is started. TRACKTOK_VENV names another folder for the virtual "
        "environment.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=_between(1, 65535), default=5000, help="port to listen on (default: 5000)")
    parser.add_argument(
        "--data",
        type=Path,
        default=ROOT / "instance",
        metavar="DIR",
        help="where data and secrets live (default: instance)",
    )
    parser.add_argument("--no-demo", action="store_true", help="do not make the demo companies")
    parser.add_argument(
        "--workers", type=_between(1, 256), metavar="N", help="web processes (default: one for each core)"
    )
    return parser.parse_args(argv)


def _between(least: int, most: int) -> type[int]:
    def number(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{value} is not between {least} and {most}")
        return value

    return number  # type: ignore[return-value]


def main(argv: list[str]) -> int:
    """Run until stopped; 0 when stopped by a signal, 1 when something is wrong."""
    options = parse(argv)
    try:
        load_dotenv(ROOT / ".env")
        Start(options).run()
    except StoppedError:
        say("Stopped.")
        return 0
    except ProblemError as error:
        print(f"scripts/start: {error}", file=sys.stderr)
    except OSError as error:
        print(f"scripts/start: {explain(error)}", file=sys.stderr)
    return 1


class Start:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.host, self.port = options.host, options.port
        self.demo = not options.no_demo
        self.workers = options.workers or min(settings.cores(), _MOST_WEB_WORKERS)
        self.jobs = min(settings.cores(), _MOST_JOBS_AT_ONCE)
        self.instance = Instance(options.data.expanduser().resolve())
        self.folder = self.instance.folder
        self.secrets: dict[str, str] = {}
        self.env: dict[str, str] = {}
        self.metrics: Path | None = None
        self.local = False

    def run(self) -> None:
        """All steps, in order; returns only by an exception."""
        begun = time.monotonic()
        settings.check(os.environ, demo=self.demo)
        self.instance.open(f"http://{self.host}:{self.port}")
        with Supervisor() as supervisor:
            self.supervisor = supervisor
            try:
                self.instance.end_leftovers()
                ports.check_free(self.host, self.port)
                self.secrets = self.instance.secrets()
                self.environment = Environment(supervisor, self.instance.logs)
                self.environment.ensure("requirements.txt")
                self.environment.ensure_frontend()
                self.env = self.environment.variables() | {MARK: str(self.folder)}
                self._servers()
                self._database()
                self._application()
                self._announce(time.monotonic() - begun)
                supervisor.run_forever()
            except StoppedError:
                say("Stopping ...")
                raise
            finally:
                supervisor.stop_all()
                if self.metrics:
                    shutil.rmtree(self.metrics, ignore_errors=True)

    def _servers(self) -> None:
        """PostgreSQL and Valkey, unless somebody else's are to be used."""
        known = self.instance.state()
        if settings.given(self.env, "DATABASE_URL"):
            settings.use_given_database(self.env, self.secrets)
        else:
            port = postgres.start(
                self.supervisor,
                site_packages=self.environment.site_packages,
                folder=self.folder / "postgres",
                logs=self.instance.logs,
                port=known.get("postgres_port"),
                password=self.secrets["postgres_password"],
                # Each thread of the web and each process of the worker has a connection, and may need a second one.
                connections=max(100, 2 * (self.workers * _THREADS + self.jobs) + 20),
            )
            settings.use_local_database(self.env, self.secrets, port)
            known["postgres_port"] = port
            self.local = True
        if not settings.given(self.env, "REDIS_URL"):
            port = valkey.start(
                self.supervisor,
                site_packages=self.environment.site_packages,
                folder=self.folder / "valkey",
                logs=self.instance.logs,
                port=known.get("valkey_port"),
                password=self.secrets["valkey_password"],
                environment=self.env,
            )
            settings.use_local_valkey(self.env, self.secrets, port)
            known["valkey_port"] = port
        settings.complete(self.env, self.secrets, self.folder, self.port)
        self.instance.note(**known)
        self.instance.write_settings({name: self.env[name] for name in _BY_HAND if name in self.env})

    def _database(self) -> None:
        """Roles, schema, and the demo companies when they are not there."""
        known = self.instance.state().get("databases", {})
        name, schema = self._local_database(), self._fingerprint()
        if not name or known.get(name, {}).get("schema") != schema:
            name = self._make_schema() or name
        facts = known.get(name, {})
        if self.demo and not facts.get("demo"):
            say("making the demo companies, with 18 months of spending and 12 of billing")
            log = LogFile(self.instance.logs / "setup.log")
            code = self._once("demo", ["-m", "flask", "--app", "wsgi", "demo", "seed"], log)
            if code:
                raise ProblemError(f"the demo companies could not be made ({ending(code)}):{_lines(log)}")
            facts = facts | {"demo": True}
        self.instance.note(databases=known | {name: facts | {"schema": schema}})

    def _local_database(self) -> str:
        """What tells our own cluster from one that is made anew in the same place; empty for somebody else's."""
        if not self.local:
            return ""
        control = (self.folder / "postgres" / "global" / "pg_control").read_bytes()
        return f"local/{int.from_bytes(control[:8], sys.byteorder):x}"

    def _fingerprint(self) -> str:
        """Hash of all that decides what `init_db.py` would make."""
        digest = hashlib.sha256((self.secrets["owner_password"] + self.secrets["app_password"]).encode())
        for path in [ROOT / "scripts" / "init_db.py", *sorted((ROOT / "migrations").rglob("*.py"))]:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _make_schema(self) -> str:
        """Run `init_db.py`; its name for the database, when that is not our own."""
        log = LogFile(self.instance.logs / "setup.log")
        code = self._once("database", [str(ROOT / "scripts" / "init_db.py"), "--json"], log)
        if code:
            raise ProblemError(f"the database could not be made ready ({ending(code)}):{_lines(log)}")
        told = next((line for line in reversed(log.tail(5)) if line.startswith('{"database"')), "{}")
        return "" if self.local else str(json.loads(told).get("database", ""))

    def _once(self, name: str, arguments: list[str], log: LogFile) -> int:
        argv = [str(self.environment.python), *arguments]
        return self.supervisor.run_once(Child(name=name, argv=argv, environment=self.env, log=log, cwd=ROOT))

    def _application(self) -> None:
        """Web, worker and scheduler; returns when the web is ready and the worker answers."""
        _, address = ports.resolve(self.host, self.port)
        worker_name = f"tracktok-{self.port}@{os.uname().nodename}"
        python = [str(self.environment.python), "-m"]
        app = [*python, "celery", "-A", "celeryconfig"]
        self.metrics = self._metrics_folder()
        web = self.env | {"PROMETHEUS_MULTIPROC_DIR": str(self.metrics)}
        self._keep(
            "web",
            [
                *(*python, "granian", "--interface", "wsgi", "--host", address, "--port", str(self.port)),
                *(
                    "--workers",
                    str(self.workers),
                    "--blocking-threads",
                    str(_THREADS),
                    "--no-ws",
                    "--respawn-failed-workers",
                ),
                *("--workers-kill-timeout", "5", "wsgi:app"),
            ],
            environment=web,
        )
        worker = self._keep(
            "worker",
            [
                *(*app, "worker", "--hostname", worker_name, "--concurrency", str(self.jobs), "--loglevel", "INFO"),
                *("--without-gossip", "--without-mingle"),
            ],
            # At the second signal it gives up what it is doing; the broker hands that to the next one.
            hard_signal=signal.SIGQUIT,
            death_signal=signal.SIGQUIT,
            patience=20,
        )
        ping = self.supervisor.add(self._child("ping", [*python, "runner.ping_worker", worker_name]))
        ping.restart = False
        self._wait_for_web(address)
        self.supervisor.run_until(lambda: not ping.alive)
        if ping.process and ping.process.returncode:
            raise ProblemError(f"the worker does not answer:{_lines(worker.log)}")
        self.supervisor.children.remove(ping)
        # Nothing waits for the scheduler, so it starts when the rest no longer needs the processor.
        self._keep("beat", [*app, "beat", "--schedule", str(self.folder / "beat"), "--pidfile=", "--loglevel", "INFO"])

    def _metrics_folder(self) -> Path:
        """An empty folder for the figures of the web processes.

        In memory where that can be had: the files are mapped, and a full disk would kill whoever writes into one.
        """
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        for folder in (Path(f"/dev/shm/tracktok-{name}"), self.folder / "metrics"):  # noqa: S108 - looked at below
            try:
                folder.mkdir(mode=0o700, exist_ok=True)
                if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                    continue
                for path in folder.iterdir():
                    path.unlink()
            except OSError:
                continue
            return folder
        raise ProblemError(f"cannot empty {self.folder / 'metrics'}")

    def _child(self, name: str, argv: list[str], environment: dict[str, str] | None = None) -> Child:
        paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "scripts")])}
        return Child(
            name=name,
            argv=argv,
            environment=(environment or self.env) | paths,
            log=LogFile(self.instance.logs / f"{name}.log"),
            cwd=ROOT,
            private=True,
            quiet=_CELERY_NOISE,
        )

    def _keep(self, name: str, argv: list[str], environment: dict[str, str] | None = None, **how: float) -> Child:
        child = self._child(name, argv, environment)
        for key, value in how.items():
            setattr(child, key, value)
        return self.supervisor.add(child)

    def _wait_for_web(self, address: str) -> None:
        reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - compared, not bound
        probe = _Readiness(reachable, self.port, self.env["BASE_DOMAIN"])
        end = time.monotonic() + _READY_SECONDS
        while not self.supervisor.run_until(probe, timeout=20, every=0.1):
            say(f"still waiting for the web: {probe.last}")
            if "code wants" in probe.last:
                # The schema is not what it was when this folder was last used: an older copy was put back.
                self._make_schema()
            if time.monotonic() > end:
                raise ProblemError(f"the web is not ready after {_READY_SECONDS} seconds: {probe.last}")

    def _announce(self, seconds: float) -> None:
        scheme, domain = self.env.get("URL_SCHEME", "http"), self.env["BASE_DOMAIN"]
        if self.demo:
            say(f"Ready: {scheme}://acme.{domain}")
            say(f"  Sign in as {', '.join(_DEMO_PEOPLE)} with the password Password123")
            say(f"  Beside it, to see that it is apart: {scheme}://demo.{domain}")
        else:
            say(f"Ready: {scheme}://{domain}")
        say(f"  Data, secrets and logs: {self.folder}")
        say(f"  Started in {seconds:.1f} seconds. Ctrl-C stops everything.")


class _Readiness:
    """Whether the web says that it is ready; keeps what it said last."""

    def __init__(self, address: str, port: int, domain: str) -> None:
        self._address, self._port, self._domain = address, port, domain
        self.last = "it does not listen yet"

    def __call__(self) -> bool:
        connection = http.client.HTTPConnection(self._address, self._port, timeout=5)
        try:
            connection.request("GET", "/readyz", headers={"Host": self._domain})
            answer = connection.getresponse()
            body = answer.read(500).decode(errors="replace").strip()
        except ConnectionRefusedError:
            self.last = "it does not listen yet"
            return False
        except (OSError, http.client.HTTPException) as error:
            self.last = f"{type(error).__name__}: {error}"
            return False
        finally:
            connection.close()
        self.last = f"/readyz answers {answer.status}: {body}"
        return answer.status == http.client.OK


def _lines(log: LogFile | None) -> str:
    if log is None:
        return ""
    return "".join(f"\n    {line}" for line in log.tail(15)) + f"\n    (all of it: {log.path})"
