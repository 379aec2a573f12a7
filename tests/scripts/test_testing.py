"""The command that runs all checks: what fails fails it, whether it runs before the tests, beside them or is one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = """
import sys
from pathlib import Path
from runner import testing
from runner.environment import Environment
from runner.process import Supervisor

first, beside, tests = sys.argv[2:]
says = "import sys; print('words of the check'); sys.exit(int(sys.argv[1]))"
testing._FIRST = (("style", ("-c", says, first)),)
testing._BESIDE = (("types", ("-c", "import time; time.sleep(0.5); " + says, beside)), ("contracts", ("-c", "")))
Environment.ensure = lambda *_: None
Environment.ensure_frontend = lambda *_: None
Environment.python = Path(sys.executable)
testing._Run._chromium = lambda _: []
testing._Run._servers = lambda _: None
testing._Run._pytest = lambda *_: int(tests)
with Supervisor() as supervisor:
    sys.exit(testing._Run(supervisor, Path(sys.argv[1])).run([]))
"""


def run(folder: Path, *codes: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, str(folder), *map(str, codes)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")}, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip


def test_all_is_well(tmp_path: Path):
    done = run(tmp_path, 0, 0, 0)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["passed", "style"], ["passed", "types"], ["passed", "contracts"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("codes", "failed"), [((1, 0, 0), "style"), ((0, 2, 0), "types"), ((1, 1, 0), "style, types"), ((0, 0, 5), "")]
)
def test_one_part_that_fails_fails_the_command(tmp_path: Path, codes: tuple[int, int, int], failed: str):
    done = run(tmp_path, *codes)
    assert done.returncode == (codes[2] or 1), done.stderr
    assert (f"FAILED: {failed} (see above)" in done.stdout) == bool(failed)
    assert done.stdout.count("words of the check") == sum(code != 0 for code in codes[:2])
