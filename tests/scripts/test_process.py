"""Children: watched, started again, and ended with all that they started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import os, signal, sys, time
from pathlib import Path
from runner import ProblemError, StoppedError
from runner.logfile import LogFile
from runner.process import Child, Supervisor
folder = Path(sys.argv[1])
def child(code, **more):
    return Child(name="part", argv=[sys.executable, "-c", code], environment=dict(os.environ),
                 log=LogFile(folder / "part.log"), cwd=folder, **more)
"""


@pytest.fixture
def program(tmp_path):
    """Start a program that supervises, and give its process; it is ended with the test."""
    running = []

    def run(code):
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(code), str(tmp_path)],
            env=os.environ | {"PYTHONPATH": str(ROOT / "scripts")},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def lines(path):
    return path.read_text().split() if path.exists() else []


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


FAMILY = """
NOTE = '''
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("pids", "a").write(f"{os.getpid()} {grandchild.pid}\\\\n")
time.sleep(600)
'''
with Supervisor() as supervisor:
    supervisor.add(child(NOTE))
    try:
        supervisor.run_forever()
    except StoppedError:
        pass
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_children_and_grandchildren(program, tmp_path, number):
    process = program(FAMILY)
    wait_for(lambda: len(lines(tmp_path / "pids")) == 2)
    process.send_signal(number)
    assert process.wait(10) == 0
    assert not [pid for pid in lines(tmp_path / "pids") if alive(pid)]


def test_a_dead_child_is_started_again_and_said_and_its_own_children_are_ended(program, tmp_path):
    process = program(FAMILY)
    wait_for(lambda: len(lines(tmp_path / "pids")) == 2)
    first, grandchild = lines(tmp_path / "pids")
    os.kill(int(first), signal.SIGKILL)
    wait_for(lambda: len(lines(tmp_path / "pids")) == 4)
    assert not alive(grandchild)
    process.terminate()
    process.wait(10)
    assert "part ended by itself (killed by SIGKILL); starting it again" in process.stdout.read()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_children_end_when_the_supervisor_is_killed(program, tmp_path):
    process = program(FAMILY)
    wait_for(lambda: len(lines(tmp_path / "pids")) == 2)
    child, grandchild = lines(tmp_path / "pids")
    try:
        assert alive(child)
        process.kill()
        process.wait()
        wait_for(lambda: not alive(child))
        assert lines(tmp_path / "pids") == [child, grandchild], "nobody has started it again"
    finally:
        os.kill(int(grandchild), signal.SIGKILL)


def test_a_child_that_does_not_listen_is_killed(program, tmp_path):
    process = program("""
        DEAF = '''
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open("pids", "a").write(f"{os.getpid()} ")
        time.sleep(600)
        '''
        import textwrap
        with Supervisor() as supervisor:
            supervisor.add(child(textwrap.dedent(DEAF), patience=0.3))
            try:
                supervisor.run_forever()
            except StoppedError:
                pass
    """)
    wait_for(lambda: lines(tmp_path / "pids"))
    begun = time.monotonic()
    process.terminate()
    process.wait(10)
    assert time.monotonic() - begun < 5
    assert not alive(lines(tmp_path / "pids")[0])


def test_a_child_that_never_starts_is_given_up_with_its_words(program):
    process = program("""
        from runner import process as module
        module.BACKOFF = (0.05,)
        with Supervisor() as supervisor:
            supervisor.add(child("raise SystemExit('the reason')"))
            try:
                supervisor.run_until(lambda: False, timeout=20)
            except ProblemError as error:
                print("PROBLEM", error)
    """)
    said = process.communicate(timeout=20)[0]
    assert "PROBLEM part does not start (exit code 1)" in said
    assert "the reason" in said


def test_a_program_that_runs_once_gives_its_code(program):
    process = program("""
        with Supervisor() as supervisor:
            print(supervisor.run_once(child("raise SystemExit(7)")), supervisor.run_once(child("pass")))
    """)
    assert process.communicate(timeout=20)[0].split() == ["7", "0"]


def test_warnings_of_a_child_are_seen_once_with_its_name(program):
    process = program("""
        CODE = '''
        print("all is well")
        for n in range(3):
            print(f"WARNING: attempt {n}")
        print('{"level": "info", "event": "nothing"}')
        print('{"level": "error", "event": "broken", "path": "/x"}', flush=True)
        import time; time.sleep(600)
        '''
        import textwrap
        with Supervisor() as supervisor:
            supervisor.add(child(textwrap.dedent(CODE)))
            supervisor.run_until(lambda: False, timeout=1)
    """)
    said = process.communicate(timeout=20)[0].splitlines()
    assert said == ["part     | WARNING: attempt 0", "part     | error: broken path=/x"]


def test_what_is_said_of_a_log_line_is_one_line():
    from runner.logfile import warning_in

    record = {"level": "error", "event": "broken\nbecause", "error": "refused\n\tIs it running?", "status": 503}
    assert warning_in(json.dumps(record)) == "error: broken error=refused status=503"
    assert warning_in('{"level": "info", "event": "ERROR"}') == ""
    assert warning_in("all is well") == ""
    assert warning_in("[ERROR] it is not") == "[ERROR] it is not"
