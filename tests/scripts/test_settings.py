"""What the scripts read and hand on."""

from __future__ import annotations

import ast
import os
import re
import sys
from importlib.metadata import packages_distributions

import pytest
from runner import ProblemError, settings
from runner.environment import load_dotenv

from tests.conftest import ROOT

SECRETS = {"owner_password": "o/w", "app_password": "a:b", "postgres_password": "p", "valkey_password": "v@"}


def test_dotenv_fills_in_what_is_not_set(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {"KEPT": "mine"})
    (tmp_path / ".env").write_text(
        "# a comment\n\nKEPT=theirs\nexport PLAIN=a b # why\nQUOTED=\"x # y\"\nSINGLE='z'\nEMPTY=\nHASH=a#b\n"
    )
    load_dotenv(tmp_path / ".env")
    assert os.environ == {
        "KEPT": "mine", "PLAIN": "a b", "QUOTED": "x # y", "SINGLE": "z", "EMPTY": "", "HASH": "a#b",
    }  # fmt: skip


def test_dotenv_names_the_bad_line(tmp_path):
    (tmp_path / ".env").write_text("A=1\nnonsense\n")
    with pytest.raises(ProblemError, match="line 2: expected NAME=value"):
        load_dotenv(tmp_path / ".env")


def test_a_setting_may_stand_in_a_file(tmp_path):
    (tmp_path / "secret").write_text("value\n")
    environment = {"REDIS_URL_FILE": str(tmp_path / "secret")}
    assert settings.given(environment, "REDIS_URL")
    assert environment == {"REDIS_URL": "value"}
    with pytest.raises(ProblemError, match="X_FILE"):
        settings.given({"X_FILE": "/nowhere"}, "X")


def test_passwords_are_safe_in_urls():
    environment: dict[str, str] = {}
    settings.use_local_database(environment, SECRETS, 1234)
    settings.use_local_valkey(environment, SECRETS, 4321)
    assert environment["DATABASE_URL"] == "postgresql+psycopg://tracktok_app:a%3Ab@127.0.0.1:1234/tracktok"
    assert environment["DATABASE_OWNER_URL"] == "postgresql+psycopg://tracktok_owner:o%2Fw@127.0.0.1:1234/tracktok"
    assert environment["REDIS_URL"] == "redis://:v%40@127.0.0.1:4321/0"


def test_one_given_database_url_is_an_administrators():
    environment = {"DATABASE_URL": "postgres://root:x@db:5432/books?sslmode=require"}
    settings.use_given_database(environment, SECRETS)
    assert environment["DATABASE_ADMIN_URL"] == "postgresql+psycopg://root:x@db:5432/postgres?sslmode=require"
    assert environment["DATABASE_URL"] == "postgresql+psycopg://books_app:a%3Ab@db:5432/books?sslmode=require"
    assert "//books_owner:" in environment["DATABASE_OWNER_URL"]


def test_two_given_database_urls_are_kept():
    given = {"DATABASE_URL": "postgresql://a:b@db/t", "DATABASE_OWNER_URL": "postgresql+psycopg://o:p@db/t"}
    environment = dict(given)
    settings.use_given_database(environment, SECRETS)
    assert environment["DATABASE_URL"] == "postgresql+psycopg://a:b@db/t"
    assert environment["DATABASE_OWNER_URL"] == given["DATABASE_OWNER_URL"]
    assert "DATABASE_ADMIN_URL" not in environment


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_requirements_are_pinned_and_name_no_place(name):
    pinned = (ROOT / f"{name}.txt").read_text()
    assert not re.search(r"(https?|file)://|--(extra-)?index-url|--find-links|--trusted-host|/(home|root)/", pinned)
    entries = [line for line in pinned.splitlines() if line.strip() and not line.lstrip().startswith(("#", "-"))]
    assert all(re.match(r"[\w.\[\],-]+==[\w.!+]+( |$)", line) for line in entries)
    held = {re.split(r"[=\[]", line)[0].lower().replace("_", "-") for line in entries}
    wanted = {
        re.split(r"[=<>\[ ;]", line)[0].lower().replace("_", "-")
        for line in (ROOT / f"{name}.in").read_text().splitlines()
        if line.strip() and not line.startswith(("#", "-"))
    }
    assert wanted <= held, "run `make requirements`"


def test_the_lock_file_of_the_front_end_names_no_registry():
    assert "resolved" not in (ROOT / "package-lock.json").read_text()


def test_what_the_application_imports_is_pinned_for_its_users_too():
    pinned = {
        re.split(r"[=\[]", line)[0].lower().replace("_", "-")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if line[:1].isalpha()
    }
    imported = set()
    for path in [*(ROOT / "tracktok").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
    packages = packages_distributions()
    foreign = imported - set(sys.stdlib_module_names) - {"tracktok", "migrations"}
    missing = {name for name in foreign if not {p.lower().replace("_", "-") for p in packages.get(name, [])} & pinned}
    assert not missing, "add them to requirements.in and run `make requirements`"
