"""The virtual environment with the pinned packages, the front-end parts, and the settings in `.env`."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import ROOT, ProblemError, explain, say
from .logfile import LogFile
from .process import Child, Supervisor, ending

_NOISE = ("Location 'file:", "is ignored", "DEPRECATION")


_LEAST_FREE = 50 * 1024 * 1024


class Environment:
    """The virtual environment: `.venv` in the project, or the folder in TRACKTOK_VENV."""

    def __init__(self, supervisor: Supervisor, logs: Path) -> None:
        self.folder = Path(os.environ.get("TRACKTOK_VENV") or ROOT / ".venv").expanduser().absolute()
        self._supervisor = supervisor
        self._log = LogFile(logs / "setup.log")

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        return Path(sysconfig.get_path("platlib", "venv", {"base": str(self.folder), "platbase": str(self.folder)}))

    def variables(self) -> dict[str, str]:
        """The environment of programs that run in it."""
        kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "__PYVENV_LAUNCHER__"}}
        kept["VIRTUAL_ENV"] = str(self.folder)
        kept["PATH"] = f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', os.defpath)}"
        kept["PYTHONUNBUFFERED"] = "1"
        home = kept.get("HOME", "")
        if not home or not os.access(home, os.W_OK):
            # npm and pip keep what they downloaded below HOME; without one they fail or complain.
            kept["npm_config_cache"] = str(Path(tempfile.gettempdir()) / f"tracktok-npm-{os.getuid()}")
            kept["PIP_NO_CACHE_DIR"] = "1"
        return kept

    def ensure(self, requirements: str) -> None:
        """Make the environment hold what a requirements file pins; quick when nothing changed."""
        pinned = {name: _digest(ROOT / name) for name in sorted({"requirements.txt", requirements})}
        if self._holds(pinned):
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._only_one():
                if not self._holds(pinned):  # Another start may have done it meanwhile.
                    self._install(requirements, pinned)
        except OSError as error:
            hint = "" if "TRACKTOK_VENV" in os.environ else " (TRACKTOK_VENV names another folder for it)"
            raise ProblemError(f"cannot make {self.folder}: {explain(error)}{hint}") from error

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Hold the environment's lock, saying so when another start holds it."""
        with (self.folder / ".lock").open("w") as handle:

            def taken() -> bool:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
                return True

            if not taken():
                say("waiting for another start that installs packages")
                self._supervisor.run_until(taken)
            yield

    def _stamp(self) -> dict[str, str]:
        try:
            stamp = json.loads((self.folder / "tracktok.json").read_text())
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _holds(self, pinned: dict[str, str]) -> bool:
        stamp = self._stamp()
        if stamp.get("python") != _python_version() or not os.access(self.python, os.X_OK):
            return False
        return all(stamp.get(name) == digest for name, digest in pinned.items())

    def _install(self, requirements: str, pinned: dict[str, str]) -> None:
        stamp = self._stamp()
        if stamp.get("python") != _python_version() or not self._works():
            say(f"making the virtual environment in {self.folder}")
            self._empty()
            self._run("venv", [sys.executable, "-m", "venv", str(self.folder)], "cannot make a virtual environment")
            stamp = {"python": _python_version()}
        say(f"installing the Python packages of {requirements} (a minute or two the first time)")
        command = [str(self.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet"]
        self._run("pip", [*command, "-r", str(ROOT / requirements)], "the packages could not be installed")
        if requirements == "requirements.txt":
            # What the tests want besides may be of another version now.
            stamp = {"python": stamp["python"]}
        partial = self.folder / "tracktok.json.partial"
        partial.write_text(json.dumps(stamp | pinned))
        partial.replace(self.folder / "tracktok.json")

    def _works(self) -> bool:
        if not os.access(self.python, os.X_OK):
            return False
        asked = subprocess.run(
            [str(self.python), "-c", "import pip, sys; print(sys.prefix)"], capture_output=True, text=True, check=False
        )
        return asked.returncode == 0 and Path(asked.stdout.strip()) == self.folder

    def _empty(self) -> None:
        """Remove what a broken or older environment left, but not the lock that we hold."""
        if not (self.folder / "pyvenv.cfg").exists() and any(p.name != ".lock" for p in self.folder.iterdir()):
            raise ProblemError(
                f"{self.folder} holds other things than a virtual environment: name another in TRACKTOK_VENV"
            )
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != ".lock":
                path.unlink()

    def _run(self, name: str, argv: list[str], failure: str) -> None:
        code = self._supervisor.run_once(
            Child(name=name, argv=argv, environment=self.variables(), log=self._log, cwd=ROOT)
        )
        if code:
            lines = [line for line in self._log.tail(20) if not any(piece in line for piece in _NOISE)]
            text = "\n    ".join(lines)
            hint = ""
            if "No space left" in text or shutil.disk_usage(self.folder).free < _LEAST_FREE:
                hint = f"\n  The disk of {self.folder} is full: make room and start again."
            elif "ensurepip" in text:
                hint = "\n  On Debian and Ubuntu, `apt install python3-venv` adds what is missing."
            raise ProblemError(f"{failure} ({ending(code)}):\n    {text}{hint}")

    def ensure_frontend(self) -> None:
        """Put the front-end parts into static/vendor; quick when nothing changed."""
        self._run(
            "frontend",
            [str(self.python), str(ROOT / "scripts" / "frontend.py")],
            "the front-end parts could not be installed",
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def load_dotenv(path: Path) -> None:
    """Add the settings of a `.env` file to the environment; what is set there already stays.

    Lines are `NAME=value`, with `export` before and quotes around the value if liked; `#` begins a comment.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ProblemError(f"cannot read {path}: {explain(error)}") from error
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ").strip()
        if not text or text.startswith("#"):
            continue
        name, separator, value = text.partition("=")
        name, value = name.strip(), value.strip()
        if not separator or not name.isidentifier():
            raise ProblemError(f"{path}, line {number}: expected NAME=value")
        if value[:1] in {'"', "'"} and value[-1:] == value[:1] and len(value) > 1:
            value = value[1:-1]
        else:
            value = value.partition(" #")[0].rstrip()
        os.environ.setdefault(name, value)
