"""The pages of imports: drop a file, say what its columns are, look at the rows, import, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from tracktok.core import jobs
from tracktok.core.context import preferences
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits
from tracktok.expenses.queries import accounts, people, projects
from tracktok.expenses.rules.imports import EXPENSE, KINDS, SKIP
from tracktok.expenses.services.imports import REFERENCES, meaning_of
from tracktok.imports import queries, services
from tracktok.imports.models import Import, ImportStatus
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.jobs_api import seconds_left
from tracktok.web.render import redirect_to, render, toast

from . import choices
from .blueprint import blueprint

KIND = "expenses"
PER_PAGE = 25
STEPS = ["Choose a file", "Map the columns", "Look at the rows", "Import"]
BUSY = {ImportStatus.checking, ImportStatus.committing, ImportStatus.undoing}
BLOCKS = {"import-rows": "rows", "import-rows-table-more": "more_rows"}
_TABS = (("valid", "Good"), ("invalid", "Bad"), ("duplicate", "Duplicates"), ("skipped", "Left out"))
_SHOWN_FIRST = ("expense_date", "title", "merchant", "amount", "debit", "credit", "direction", "category")
_PLAIN_OPTIONS = ("date_form", "decimal", "sign", "duplicates", "currency", "category_id", "account_id", "project_id")
_DATE_FORMS = [
    ("DMY", "Day first: 21/11/2026"),
    ("MDY", "Month first: 11/21/2026"),
    ("YMD", "Year first: 2026-11-21"),
    ("serial", "A spreadsheet's day numbers: 46347"),
]
_UNKNOWN = [("create", "Make them"), ("empty", "Leave it empty"), ("reject", "Refuse the row")]


@blueprint.get("/imports")
@permits("expenses.import")
def imports() -> Response:
    """The imports, newest first."""
    page = queries.list_imports(sort="-created_at", cursor=request.args.get("cursor"), limit=PER_PAGE)
    return render(
        "expenses/imports.html",
        block={"imports-more": "rows"},
        page=page,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        people_names=people.names_of(row.person_id for row in page.rows),
    )


@blueprint.get("/imports/new")
@permits("expenses.import")
def new_import() -> Response:
    """Drop a file."""
    return render("expenses/import_new.html", form=Form(), steps=STEPS)


@blueprint.post("/imports")
@permits("expenses.import")
def create_import() -> Response:
    """Take in a file."""
    form: Form[Any] = Form()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.add("file", "Choose a file first.")
    else:
        try:
            with file.stream as stream:
                found = services.start_import(stream, file.filename, KIND)
        except DomainError as refusal:
            form.refuse(refusal)
            if not refusal.errors:
                form.general.clear()
                form.add("file", refusal.detail)
                form.status = refusal.status
        else:
            step = ".map_import" if found.status == ImportStatus.mapping else ".show_import"
            return redirect_to(url_for(step, import_id=found.id))
    return render("expenses/import_new.html", block="form", status=form.status, form=form, steps=STEPS)


@blueprint.get("/imports/<uuid:import_id>")
@permits("expenses.import")
def show_import(import_id: UUID) -> Response:
    """An import: what would come of it, how far it is, or what came of it."""
    found = services.settle(queries.get_import(import_id))
    return render("expenses/import_show.html", block=BLOCKS, **_shown(found))


@blueprint.get("/imports/<uuid:import_id>/progress")
@permits("expenses.import")
def import_progress(import_id: UUID) -> Response:
    """How far the work on an import is; sends on to its page when it is done."""
    found = services.settle(queries.get_import(import_id))
    if found.status not in BUSY:
        return redirect_to(url_for(".show_import", import_id=import_id))
    return render("expenses/import_show.html", block="progress", **_base(found), **_progress(found))


@blueprint.get("/imports/<uuid:import_id>/columns")
@permits("expenses.import")
def map_import(import_id: UUID) -> Response:
    """Which column is what, and how dates and amounts are written."""
    found = services.settle(queries.get_import(import_id))
    if found.status in BUSY or found.status in {ImportStatus.committed, ImportStatus.undone}:
        return redirect_to(url_for(".show_import", import_id=import_id))
    return render("expenses/import_columns.html", form=_mapping_form(found), **_base(found), **_offered(found))


@blueprint.post("/imports/<uuid:import_id>/columns")
@permits("expenses.import")
def save_mapping(import_id: UUID) -> Response:
    """Map the columns as chosen, and check the rows again."""
    found = services.settle(queries.get_import(import_id, for_update=True))
    form: Form[Any] = Form(request.form.to_dict())
    mapping = _mapping_of(found, form)
    if form.ok:
        try:
            services.change_import(found, mapping=mapping, options=_options_of(found))
        except DomainError as refusal:
            for error in refusal.errors:
                form.add(error.pointer.rsplit("/", 1)[-1], error.detail)
            form.status = refusal.status
            if not refusal.errors:
                form.add("", refusal.detail)
        else:
            if found.status != ImportStatus.mapping:
                return redirect_to(url_for(".show_import", import_id=import_id))
            form = _mapping_form(found)
            form.status = 200
    return render(
        "expenses/import_columns.html", block="form", status=form.status, form=form, **_base(found), **_offered(found)
    )


@blueprint.post("/imports/<uuid:import_id>/commit")
@permits("expenses.import")
def commit_import(import_id: UUID) -> Response:
    """Import the good rows."""
    services.commit_import(services.settle(queries.get_import(import_id, for_update=True)))
    return redirect_to(url_for(".show_import", import_id=import_id))


@blueprint.post("/imports/<uuid:import_id>/undo")
@permits("expenses.import")
def undo_import(import_id: UUID) -> Response:
    """Take back what was imported."""
    services.undo_import(services.settle(queries.get_import(import_id, for_update=True)))
    return redirect_to(url_for(".show_import", import_id=import_id))


@blueprint.post("/imports/<uuid:import_id>/discard")
@permits("expenses.import")
def discard_import(import_id: UUID) -> Response:
    """Forget an import that wrote nothing."""
    services.discard_import(services.settle(queries.get_import(import_id, for_update=True)))
    toast("Import discarded")
    return redirect_to(url_for(".imports"))


def _base(found: Import) -> dict[str, Any]:
    return {"found": found, "file": queries.get_file(found.file_id), "steps": STEPS, "facts": found.facts}


def _progress(found: Import) -> dict[str, Any]:
    job = jobs.find(found.job_id) if found.job_id else None
    left = seconds_left(job) if job is not None else None
    words = {"checking": "Checking the rows", "committing": "Importing", "undoing": "Taking the import back"}
    return {
        "job": job,
        "left": f"About {_in_words(left)} left" if left else "",
        "doing": words.get(found.status, "Working"),
        "busy": found.status in BUSY,
    }


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{round(seconds / 60)} minutes"


def _shown(found: Import) -> dict[str, Any]:
    counts = {"valid": found.valid, "invalid": found.invalid, "duplicate": found.duplicates, "skipped": found.skipped}
    status = request.args.get("rows", "")
    if status not in counts:
        status = "invalid" if found.invalid and not found.valid else "valid"
        if not counts[status]:
            status = next((name for name, _ in _TABS if counts[name]), "valid")
    after = request.args.get("after", "0")
    data: list[dict[str, Any]] = []
    following: int | None = None
    if found.status not in BUSY:
        data, following = services.rows_of(
            found, status=status, after=int(after) if after.isdigit() else 0, limit=PER_PAGE
        )
    first = {name: place for place, name in enumerate(_SHOWN_FIRST)}
    fields = sorted(
        (one for one in KINDS[found.kind].fields if one.name in found.mapping), key=lambda one: first.get(one.name, 99)
    )
    return {
        **_base(found),
        **_progress(found),
        "row_tabs": [
            (label, address({"rows": name, "after": None}), name == status, counts[name]) for name, label in _TABS
        ],
        "rows_status": status,
        "rows": data,
        "shown": [(found.mapping[one.name], one.label, str(one.type)) for one in fields],
        "more": address({"after": str(following)}) if following else "",
        "made": {kind: [one["path"] for one in names.values()] for kind, names in found.facts.get("made", {}).items()},
        "base": preferences().currency,
    }


def _offered(found: Import) -> dict[str, Any]:
    direction = found.mapping.get("direction")
    values = next((one.get("values") or {} for one in found.columns if one["name"] == direction), {})
    return {
        "fields": [(one.name, one.label, one.help) for one in KINDS[found.kind].fields],
        "date_forms": _DATE_FORMS,
        "decimals": [(".", "A point: 1,234.50"), (",", "A comma: 1.234,50")],
        "signs": [
            ("positive", "Positive, refunds negative"),
            ("negative", "Negative, money in positive"),
        ],
        "repeats": [("skip", "Leave them out"), ("import", "Import them all the same")],
        "unknown_choices": _UNKNOWN,
        "meanings": [(EXPENSE, "Expenses, import them"), (SKIP, "Something else, leave them out")],
        "direction_values": list(values.items())[:30],
        "categories": choices.category_choices(),
        "accounts": [(row.id, row.name, row.currency) for row in accounts.choices()],
        "projects": [(row.id, row.name) for row in projects.choices()],
        "currencies": [(code, code) for code in dict.fromkeys((preferences().currency, *choices.COMMON_CURRENCIES))],
        "open_questions": [one for one in found.facts.get("questions", []) if not one["option"].startswith("mapping.")],
        "missing": [one for one in found.facts.get("questions", []) if one["option"].startswith("mapping.")],
    }


def _mapping_form(found: Import) -> Form[Any]:
    by_column = {column: name for name, column in found.mapping.items()}
    decided = found.facts.get("decided", {})
    values: dict[str, Any] = {
        f"column-{number}": by_column.get(one["name"], "") for number, one in enumerate(found.columns)
    }
    values |= {name: found.options.get(name, decided.get(name, "")) for name in _PLAIN_OPTIONS}
    values |= {f"unknown-{name}": found.options.get("unknown", {}).get(name, "create") for name in REFERENCES}
    values["header_row"] = found.facts.get("header_row", 1)
    for number, (value, _) in enumerate(_offered(found)["direction_values"]):
        values[f"direction-{number}"] = meaning_of(found, value)
    return Form(values)


def _mapping_of(found: Import, form: Form[Any]) -> dict[str, str | None]:
    mapping: dict[str, str | None] = {}
    for number, one in enumerate(found.columns):
        name = request.form.get(f"column-{number}", "")
        if not name:
            continue
        if name in mapping:
            label = KINDS[found.kind].field(name).label
            form.add(f"column-{number}", f"“{mapping[name]}” is the {label.lower()} already. Choose one of the two.")
        mapping[name] = one["name"]
    return mapping


def _options_of(found: Import) -> dict[str, Any]:
    """What was chosen. What is left as the file says it stays undecided, so that it follows the evidence."""
    decided = found.facts.get("decided", {})
    options: dict[str, Any] = {}
    for name in _PLAIN_OPTIONS:
        value = request.form.get(name, "")
        if value != str(decided.get(name, "")) or name in found.options:
            options[name] = value or None
    options["unknown"] = {
        name: request.form[f"unknown-{name}"] for name in REFERENCES if request.form.get(f"unknown-{name}")
    } or None
    header = request.form.get("header_row", "")
    if header.isdigit() and int(header) != found.facts.get("header_row"):
        options["header_row"] = int(header)
    values = [value for value, _ in _offered(found)["direction_values"]]
    directions = {
        value: request.form[f"direction-{number}"]
        for number, value in enumerate(values)
        if request.form.get(f"direction-{number}")
    }
    if directions:
        options["directions"] = {**found.options.get("directions", {}), **directions}
    return options
