"""pytest by itself does not guess at servers: it says what to use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import pytest_configure

ROOT = Path(__file__).resolve().parents[2]
SERVERS = {"TEST_POSTGRES_URL", "TEST_REDIS_URL"}


@pytest.mark.parametrize("missing", ["TEST_POSTGRES_URL", "TEST_REDIS_URL"])
def test_the_servers_that_are_missing_are_named(
    missing: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv(missing)
    with pytest.raises(pytest.UsageError, match=f"^{missing} not set: run the tests with scripts/test"):
        pytest_configure(pytestconfig)


def test_without_servers_of_its_own_no_test_runs():
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/core/test_money.py", "-q", "-p", "no:cacheprovider"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "TEST_POSTGRES_URL and TEST_REDIS_URL not set: run the tests with scripts/test" in done.stdout + done.stderr
    assert "passed" not in done.stdout
