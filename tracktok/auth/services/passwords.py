"""Passwords: argon2id; bcrypt hashes of older systems are accepted and upgraded at sign-in."""

from __future__ import annotations

from functools import lru_cache

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

SHORTEST_PASSWORD = 10


@lru_cache(maxsize=2)
def _hasher(quick: bool) -> PasswordHasher:  # noqa: FBT001 - a cache key
    # OWASP's second recommended setting: 19 MiB, two passes, one lane. Tests need no strength.
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1) if quick else PasswordHasher(2, 19 * 1024, 1)


def _current() -> PasswordHasher:
    return _hasher(bool(current_app.config["TESTING"]))


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its own salt."""
    return _current().hash(password)


def verify_password(password: str, hashed: str) -> bool:
    """Whether the password is the one that was hashed (argon2id or bcrypt)."""
    if hashed.startswith("$2"):
        return bcrypt.checkpw(password.encode()[:72], hashed.encode())
    try:
        return _current().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(hashed: str) -> bool:
    """Whether a hash is of an older kind or setting, and should be made anew while the password is at hand."""
    return hashed.startswith("$2") or _current().check_needs_rehash(hashed)
