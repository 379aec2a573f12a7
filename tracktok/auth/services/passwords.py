"""Passwords: argon2id; bcrypt hashes of older systems are accepted and upgraded at sign-in."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from tracktok.auth.rules import password_problem
from tracktok.core.errors import Invalid

_COMMON = Path(__file__).with_name("common_passwords.txt")


@cache
def common_passwords() -> frozenset[str]:
    """Passwords of ten and more characters that are tried first, in lower case."""
    return frozenset(_COMMON.read_text(encoding="ascii").split())


def check_password(password: str, email: str, field: str = "password") -> None:
    """Raise Invalid at the field for a password that is too short, too common, or made of the person's address."""
    problem = password_problem(password, email, common_passwords())
    if problem:
        raise Invalid.at(field, problem, "weak_password")


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


def verify_or_pretend(password: str, hashed: str | None) -> bool:
    """Whether the password fits; without a hash it takes as long as with one, and does not fit."""
    if not hashed:
        verify_password(password, _hash_of_nobody())
        return False
    return verify_password(password, hashed)


@cache
def _hash_of_nobody() -> str:
    return hash_password("the password of nobody")
