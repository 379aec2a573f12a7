#!/usr/bin/env python3
"""Make the secrets that docker-compose.yml mounts, once: `deploy/secrets/`, a file for each.

What is there already stays. The folder is for its owner only; the files in it can be read by the containers' users.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "secrets"
_DATABASE = "postgres:5432/tracktok"


def main() -> int:
    """Write what is missing; the names of the files that were made are printed."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (
        "secret_key",
        "jwt_secret",
        "postgres_password",
        "valkey_password",
        "metrics_token",
        "grafana_password",
    ):
        _make(name, secrets.token_urlsafe(36))
    _make("database_admin_url", f"postgresql+psycopg://postgres:{_read('postgres_password')}@postgres:5432/postgres")
    _make("database_owner_url", f"postgresql+psycopg://tracktok_owner:{secrets.token_urlsafe(36)}@{_DATABASE}")
    _make("database_url", f"postgresql+psycopg://tracktok_app:{secrets.token_urlsafe(36)}@{_DATABASE}")
    _make("redis_url", f"redis://:{_read('valkey_password')}@valkey:6379/0")
    return 0


def _read(name: str) -> str:
    return (FOLDER / name).read_text().strip()


def _make(name: str, value: str) -> None:
    path = FOLDER / name
    if path.exists():
        return
    path.touch(mode=0o644)
    path.write_text(value)
    print(f"made {path.relative_to(FOLDER.parent.parent)}")


if __name__ == "__main__":
    sys.exit(main())
