"""One machine for all tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.kills.machine import Machine


@pytest.fixture(scope="session")
def _machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    if sys.platform != "linux":
        pytest.skip("processes and what they wait for are looked up in /proc")
    machine = Machine(tmp_path_factory.mktemp("machine"))
    try:
        machine.start("web", "worker", "beat")
        machine.wait_until_ready()
        yield machine
    finally:
        machine.end()


@pytest.fixture
def machine(_machine: Machine, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """PostgreSQL, Valkey, web, worker and scheduler; when a test fails, their last words are told."""
    failed = request.session.testsfailed
    yield _machine
    if request.session.testsfailed > failed:
        sys.stdout.write(_machine.logs())
