"""`scripts/test`: style, types, import contracts, and all tests, on servers of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from . import ROOT, ProblemError, StoppedError, explain, postgres, say, settings, valkey
from .environment import Environment
from .logfile import LogFile
from .process import Child, Supervisor, ending

_HELP = """usage: scripts/test [pytest arguments]

Without arguments: ruff (style and format), then every test in two processes, with Chromium, and beside them mypy
(types) and import-linter (who may import whom). With arguments: pytest alone, with these, e.g.
`scripts/test tests/core -k tenancy -x`.

The packages, a PostgreSQL and a Valkey for the tests are its own affair. Settings:
  TRACKTOK_VENV            folder of the virtual environment (default: .venv)
  TRACKTOK_CHROMIUM        the Chromium to use
  TRACKTOK_TEST_PROCESSES  how many test processes (default: 2)
  TEST_POSTGRES_URL        a superuser's URL of a PostgreSQL to use instead of starting one
  TEST_REDIS_URL           a Redis or Valkey to use instead of starting one
  CI=true                  without Chromium the browser tests fail instead of being skipped
"""
_FIRST = (
    ("style (ruff check)", ("-m", "ruff", "check", "--output-format=concise")),
    ("format (ruff format)", ("-m", "ruff", "format", "--check", "--output-format=concise")),
)
# Each keeps one core busy for a minute, when a second one would wait for it.
_BESIDE = (
    ("types (mypy)", ("-m", "mypy")),
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command as c; c()")),
)
_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_CHROMIUM_PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-liberation", "fonts-noto-core")
_OF_THE_APPLICATION = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_ADMIN_URL",
    "REDIS_URL",
    "TRACKTOK_ENV",
    "SMTP_URL",
)


def main(argv: list[str]) -> int:
    """Run the checks and the tests; 0 when all is well, else pytest's code or 1."""
    if argv in (["-h"], ["--help"]):
        print(_HELP)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="tracktok-test-"))
    try:
        with Supervisor() as supervisor:
            return _Run(supervisor, folder).run(argv)
    except StoppedError:
        say("Stopped.")
        return 130
    except ProblemError as error:
        print(f"scripts/test: {error}", file=sys.stderr)
    except OSError as error:
        print(f"scripts/test: {explain(error)}", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 1


class _Run:
    def __init__(self, supervisor: Supervisor, folder: Path) -> None:
        self.supervisor = supervisor
        self.folder = folder
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.environment = Environment(supervisor, self.logs)
        self.env: dict[str, str] = {}

    def run(self, arguments: list[str]) -> int:
        self.environment.ensure("requirements-dev.txt")
        self.environment.ensure_frontend()
        self.env = {k: v for k, v in self.environment.variables().items() if k not in _OF_THE_APPLICATION}
        self.env["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "scripts")])
        failed = [] if arguments else self._first_checks()
        beside = [] if arguments else [self._check(name, argv) for name, argv in _BESIDE]
        for check in beside:
            self.supervisor.add(check)
        plugins = self._chromium()
        self._servers()
        if failed:
            say(f"FAILED: {', '.join(failed)} (see above). The tests follow.", urgent=True)
        processes = os.environ.get("TRACKTOK_TEST_PROCESSES", "2")
        code = self._pytest([*plugins, *(arguments or ["-n", processes, "--dist", "worksteal", "--durations=10"])])
        failed += self._end_of(beside)
        if failed:
            say(f"FAILED: {', '.join(failed)} (see above)", urgent=True)
        return code or (1 if failed else 0)

    def _check(self, name: str, arguments: tuple[str, ...]) -> Child:
        """Something that looks at the code without running it."""
        argv = [str(self.environment.python), *arguments]
        log = LogFile(self.logs / f"check {name}.log")
        environment = self.env | {"NO_COLOR": "1"}
        return Child(name=name, argv=argv, environment=environment, log=log, cwd=ROOT, restart=False, warnings=())

    def _first_checks(self) -> list[str]:
        """Run those that take a second, one after another; the names of those that failed."""
        checks = [self._check(name, arguments) for name, arguments in _FIRST]
        return [check.name for check in checks if not self._passed(check, self.supervisor.run_once(check))]

    def _end_of(self, checks: list[Child]) -> list[str]:
        """Wait for those that run beside the tests; the names of those that failed."""
        self.supervisor.run_until(lambda: not any(check.alive for check in checks))
        codes = [check.process.returncode if check.process else 1 for check in checks]
        return [check.name for check, code in zip(checks, codes, strict=True) if not self._passed(check, code)]

    def _passed(self, check: Child, code: int) -> bool:
        say(f"{'FAILED' if code else 'passed'}  {check.name}", urgent=code != 0)
        if code and check.log:
            say(check.log.whole())
        return not code

    def _servers(self) -> None:
        packages = self.environment.site_packages
        password = "only-for-tests-" + os.urandom(8).hex()
        if not settings.given(self.env, "TEST_POSTGRES_URL"):
            port = postgres.start(
                self.supervisor,
                site_packages=packages,
                folder=self.folder / "postgres",
                logs=self.logs,
                port=None,
                password=password,
                durable=False,
            )
            self.env["TEST_POSTGRES_URL"] = f"postgresql://postgres:{quote(password)}@127.0.0.1:{port}/postgres"
        if not settings.given(self.env, "TEST_REDIS_URL"):
            port = valkey.start(
                self.supervisor,
                site_packages=packages,
                folder=self.folder / "valkey",
                logs=self.logs,
                port=None,
                password=password,
                environment=self.env,
                durable=False,
            )
            self.env["TEST_REDIS_URL"] = f"redis://:{quote(password)}@127.0.0.1:{port}"
        # A test may kill its server; nobody wants to hear of it here.
        for child in self.supervisor.children:
            child.warnings = ("PANIC",)

    def _chromium(self) -> list[str]:
        """Find Chromium, installing Debian's when we may; without one, the plugin that skips the browser tests."""
        path = _find_chromium() or self._install_chromium()
        if path:
            self.env["TRACKTOK_CHROMIUM"] = path
            return []
        why = "Chromium is not installed: `apt install chromium`, or name one in TRACKTOK_CHROMIUM"
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            raise ProblemError(f"{why} (with CI=true the browser tests may not be left out)")
        say(f"{why}. The browser tests are skipped.", urgent=True)
        return ["-p", "runner.without_browser"]

    def _install_chromium(self) -> str:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            return ""
        say("installing Chromium and fonts for the browser tests (apt)")
        log = LogFile(self.logs / "apt.log")
        environment = self.env | {"DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (("update",), ("install", "-y", "--no-install-recommends", *_CHROMIUM_PACKAGES)):
            argv = ["apt-get", "-q", *arguments]
            code = self.supervisor.run_once(Child(name="apt", argv=argv, environment=environment, log=log, cwd=ROOT))
            if code:
                say(f"apt-get {arguments[0]} failed ({ending(code)}):\n    " + "\n    ".join(log.tail(6)), urgent=True)
        return _find_chromium()

    def _pytest(self, arguments: list[str]) -> int:
        terminal = sys.stdin is not None and sys.stdin.isatty()
        child = Child(
            name="pytest",
            argv=[str(self.environment.python), "-m", "pytest", *arguments],
            environment=self.env,
            log=None,
            cwd=ROOT,
            foreground=terminal,
            stop_signal=signal.SIGINT,
            patience=20,
        )
        return self.supervisor.run_once(child)


def _find_chromium() -> str:
    """A Chromium that starts, or an empty string. The one that is named must start, else ProblemError."""
    named = os.environ.get("TRACKTOK_CHROMIUM")
    for name in (named,) if named else _CHROMIUM_NAMES:
        path = shutil.which(name)
        if path and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    if named:
        raise ProblemError(f"TRACKTOK_CHROMIUM={named} does not start")
    return ""
