"""The house rules that the source keeps."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracktok.auth.rules import PERMISSIONS, PLATFORM_PERMISSIONS

PACKAGE = ROOT / "tracktok"
SOURCES = sorted(PACKAGE.rglob("*.py"))
ALL_PYTHON = [
    *SOURCES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "scripts").rglob("*.py")),
]
AREAS = {
    "audit", "auth", "budgets", "customers", "documents", "expenses", "imports", "invoices", "ledger", "notifications",
    "reports", "tenants", "trips",
}  # fmt: skip
AREA_FILES = {
    "__init__", "models", "rules", "queries", "services", "schemas", "signals", "receivers", "views", "api",
    "tasks", "cli",
}  # fmt: skip
LONGEST_FILE = 500


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", ALL_PYTHON, ids=names(ALL_PYTHON))
def test_no_file_is_longer_than_500_lines(path: Path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("area", sorted(AREAS))
def test_every_area_has_the_same_file_names(area):
    found = {path.stem for path in (PACKAGE / area).iterdir() if path.suffix == ".py"}
    folders = {path.name for path in (PACKAGE / area).iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert found <= AREA_FILES
    assert folders <= AREA_FILES | {"templates"}
    assert not found & folders, "a file that grows becomes a folder of the same name"


def test_nothing_is_called_utils_or_helpers():
    assert not [path for path in SOURCES if path.stem in {"utils", "helpers", "util", "common", "misc"}]


def _calls(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


@pytest.mark.parametrize("path", [p for p in SOURCES if "services" in p.parts or p.stem == "services"], ids=str)
def test_services_never_commit_and_know_no_request(path: Path):
    tree = ast.parse(path.read_text())
    assert not [name for _, name in _calls(tree) if name.endswith(".commit")], "the edge commits"
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "flask"
        for alias in node.names
    }  # fmt: skip
    allowed = {"current_app", "Request", "session", "render_template", "url_for"}
    assert imported <= allowed, f"services know no request: {imported - allowed}"


@pytest.mark.parametrize("path", [p for p in SOURCES if "rules" in p.parts or p.stem == "rules"], ids=str)
def test_rules_are_pure(path: Path):
    source = path.read_text()
    for forbidden in ("flask", "tracktok.core.db", "tracktok.core.clock", "requests", "sqlalchemy.orm"):
        assert not re.search(rf"^\s*(from|import) {re.escape(forbidden)}\b", source, re.MULTILINE), forbidden
    assert "datetime.now(" not in source
    assert "date.today(" not in source


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_no_float_touches_money(path: Path):
    tree = ast.parse(path.read_text())
    lines = path.read_text().splitlines()
    for node, name in _calls(tree):
        if name == "float":
            assert "no money" in lines[node.lineno - 1], (
                f"line {node.lineno}: float(...) (say `# no money: why` when it is not)"
            )


def test_every_permission_that_a_route_names_is_in_the_table(app):
    known = {*PERMISSIONS, *PLATFORM_PERMISSIONS, "*", ""}
    for endpoint, view in app.view_functions.items():
        access = getattr(view, "__access__", None)
        if endpoint.endswith("static"):
            continue
        assert access is not None, f"{endpoint} names no permission"
        pattern = access.permission.startswith("*.") and any(one.endswith(access.permission[1:]) for one in PERMISSIONS)
        assert pattern or access.permission in known, f"{endpoint} names {access.permission}, which nobody holds"
        assert access.permission or access.public_because, f"{endpoint} is public for no reason"


def test_every_permission_is_used_by_a_route_or_the_code(app):
    source = "\n".join(path.read_text() for path in SOURCES if path.name != "rules.py" or path.parent.name != "auth")
    templates = "\n".join(path.read_text() for path in PACKAGE.rglob("*.html"))
    unused = [name for name in PERMISSIONS if f'"{name}"' not in source and name not in templates]
    assert unused == []


def test_no_secret_no_machine_path_and_no_registry_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    hosts = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|/root/|/home/[a-z]+/|/work/|BEGIN [A-Z ]*PRIVATE KEY")
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".woff2", ".ttf", ".xls", ".xlsx", ".pdf", ".jpg"} or not path.is_file():
            continue
        if path == Path(__file__):
            continue
        found = hosts.search(path.read_text(errors="ignore"))
        assert found is None, f"{name} holds {found.group()!r}"


def test_nothing_vendored_or_generated_is_committed():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert not [name for name in tracked if "/vendor/" in name or name.endswith((".min.js", ".min.css", ".pyc"))]


def test_no_two_areas_have_a_template_of_one_name():
    """They are looked for by name in all areas: one would be shown for the other."""
    places: dict[str, list[str]] = {}
    for folder in (ROOT / "tracktok").glob("*/templates"):
        for path in folder.rglob("*.html"):
            places.setdefault(path.relative_to(folder).as_posix(), []).append(folder.parent.name)
    assert {name: areas for name, areas in places.items() if len(areas) > 1} == {}
