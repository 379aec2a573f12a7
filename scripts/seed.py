#!/usr/bin/env python3
"""Make the demo companies `acme` and `demo`: the same as `flask --app wsgi demo seed`, with the settings of `.env`.

Refused in production. Arguments are handed on: `python scripts/seed.py --help`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from runner import ROOT, ProblemError
from runner.environment import load_dotenv


def main() -> None:
    """Become the command, in the virtual environment when there is one."""
    folder = Path(os.environ.get("TRACKTOK_VENV") or ROOT / ".venv").expanduser()
    python = folder / "bin" / "python"
    inside = os.environ.get("VIRTUAL_ENV") or not python.exists()
    program = sys.executable if inside else str(python)
    try:
        load_dotenv(ROOT / ".env")
    except ProblemError as error:
        sys.exit(f"seed: {error}")
    os.chdir(ROOT)
    os.execv(program, [program, "-m", "flask", "--app", "wsgi", "demo", "seed", *sys.argv[1:]])  # noqa: S606


if __name__ == "__main__":
    main()
