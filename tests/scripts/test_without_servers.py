"""pytest by itself does not guess at servers: it says what to use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("missing", ["TEST_POSTGRES_URL", "TEST_REDIS_URL"])
def test_without_servers_of_its_own_no_test_runs(missing):
    environment = {name: value for name, value in os.environ.items() if name != missing}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/core/test_money.py", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{missing} not set: run the tests with scripts/test" in done.stdout + done.stderr
    assert "passed" not in done.stdout
