"""`scripts/start` as far as it goes without starting anything: its refusals say what is wrong and what to do."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments, **environment):
    """Run the command with a clean environment; (exit code, what it said)."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "start"), *map(str, arguments)],
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "70000"], "70000 is not between 1 and 65535"),
        (["--port", "http"], "--port"),
        (["--workers", "0"], "0 is not between 1 and 256"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments, said):
    code, text = start(*arguments)
    assert code == 2
    assert said in text


def test_a_taken_port_is_named_with_its_holder_and_nothing_is_installed(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, text = start("--data", tmp_path / "data", "--port", port, TRACKTOK_VENV=str(tmp_path / "venv"))
    assert code == 1
    assert f"port {port} on 127.0.0.1 is taken by" in text
    assert f"process {os.getpid()}" in text
    assert "another --port" in text
    assert not (tmp_path / "venv").exists()
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_second_start_in_the_same_folder_is_refused(tmp_path):
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 42, http://127.0.0.1:5000")
        lock.flush()
        code, text = start("--data", tmp_path)
    assert code == 1
    assert f"already runs with --data {tmp_path} (process 42, http://127.0.0.1:5000)" in text


def test_a_file_is_no_data_folder(tmp_path):
    (tmp_path / "file").touch()
    code, text = start("--data", tmp_path / "file")
    assert code == 1
    assert "is a file: name a folder" in text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said(tmp_path):
    tmp_path.chmod(0o500)
    code, text = start("--data", tmp_path / "data")
    assert code == 1
    assert "no permission" in text


def test_an_unknown_host_is_said(tmp_path):
    code, text = start("--data", tmp_path, "--host", "192.0.2.1")
    assert code == 1
    assert "192.0.2.1 is not an address of this machine" in text


def test_production_refuses_the_demo_and_wants_its_own_servers(tmp_path):
    code, text = start("--data", tmp_path, TRACKTOK_ENV="production")
    assert code == 1
    assert "add --no-demo" in text
    code, text = start("--data", tmp_path, "--no-demo", TRACKTOK_ENV="production")
    assert code == 1
    assert "production needs DATABASE_URL" in text


def test_secrets_are_made_once_for_their_owner_only(tmp_path):
    from runner.instance import Instance

    folder = tmp_path / "data"
    instance = Instance(folder)
    instance.open("test")
    made = instance.secrets()
    path = folder / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(set(made.values())) == len(made)
    assert min(map(len, made.values())) >= 32
    path.chmod(0o644)
    assert instance.secrets() == made
    instance.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lost_secrets_of_a_kept_database_are_not_made_anew(tmp_path):
    from runner import ProblemError
    from runner.instance import Instance

    (tmp_path / "postgres").mkdir()
    with pytest.raises(ProblemError, match="put the file back"):
        Instance(tmp_path).secrets()


def test_a_damaged_state_costs_time_only_but_damaged_secrets_are_said(tmp_path):
    from runner import ProblemError
    from runner.instance import Instance

    instance = Instance(tmp_path)
    (tmp_path / "state.json").write_text("{")
    assert instance.state() == {}
    instance.note(postgres_port=1)
    assert json.loads((tmp_path / "state.json").read_text()) == {"postgres_port": 1}
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(ProblemError, match="damaged"):
        instance.secrets()
