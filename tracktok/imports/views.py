"""The pages of imports: drop a file, say what its columns are, look at the rows, import, undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from tracktok.core import jobs
from tracktok.core.errors import DomainError
from tracktok.core.permissions import permits, require, takes_files_up_to
from tracktok.imports import queries, services
from tracktok.imports.models import Import, ImportStatus
from tracktok.imports.rules.columns import FieldType, Meanings, example_csv
from tracktok.imports.services.kinds import CREATE, EMPTY, REJECT, Handler, Option
from tracktok.web.addresses import address
from tracktok.web.forms import Form
from tracktok.web.jobs_api import seconds_left
from tracktok.web.records import record_page
from tracktok.web.render import redirect_to, render, toast

blueprint = Blueprint("imports", __name__, url_prefix="/imports", template_folder="templates")
record_page("imports", "import", "imports.show", "import_id")

PER_PAGE = 25
STEPS = ["Choose a file", "Map the columns", "Look at the rows", "Import"]
BUSY = {ImportStatus.checking, ImportStatus.committing, ImportStatus.undoing}
BLOCKS = {"import-rows": "rows", "import-rows-table-more": "more_rows"}
WORDS = {
    "mapping": "Needs an answer",
    "ready": "Ready",
    "checking": "Checking",
    "committing": "Importing",
    "committed": "Imported",
    "undoing": "Being undone",
    "undone": "Undone",
    "failed": "Failed",
}
_TABS = (("valid", "Good"), ("invalid", "Bad"), ("duplicate", "Duplicates"), ("skipped", "Left out"))
_DATE_FORMS = [
    ("DMY", "Day first: 21/11/2026"),
    ("MDY", "Month first: 11/21/2026"),
    ("YMD", "Year first: 2026-11-21"),
    ("serial", "A spreadsheet's day numbers: 46347"),
]
_DECIMALS = [(".", "A point: 1,234.50"), (",", "A comma: 1.234,50")]
_UNKNOWN = [(CREATE, "Make them"), (EMPTY, "Leave it empty"), (REJECT, "Refuse the row")]
_MOST_MEANINGS = 30

blueprint.add_app_template_global(services.handlers, "import_kinds")


@blueprint.get("")
@permits("*.import")
def index() -> Response:
    """The imports, newest first; `?kind=` narrows them."""
    kinds = services.handlers_for_actor()
    chosen = request.args.get("kind", "")
    names = [one.kind.name for one in kinds if chosen in ("", one.kind.name)]
    page = queries.list_imports(names, sort="-created_at", cursor=request.args.get("cursor"), limit=PER_PAGE)
    return render(
        "imports/index.html",
        block={"imports-more": "rows"},
        page=page,
        kinds={one.kind.name: one for one in kinds},
        chosen=chosen if chosen in names else "",
        tabs_of_kinds=_tabs(kinds, chosen, every=True),
        words=WORDS,
        more=address({"cursor": page.next_cursor}) if page.next_cursor else "",
        people_names=queries.names_of_people(row.person_id for row in page.rows),
    )


@blueprint.get("/new")
@permits("*.import")
def new() -> Response:
    """Drop a file."""
    return _choose_file(Form(), _kind_asked(request.args.get("kind", "")))


@blueprint.get("/example.csv")
@permits("*.import")
def example() -> Response:
    """A file as it could be, to be filled: the usual columns of the kind, and two rows."""
    handler = _kind_asked(request.args.get("kind", ""))
    response = Response(example_csv(handler.kind), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{handler.kind.name}.csv"'
    return response


@blueprint.post("")
@permits("*.import")
@takes_files_up_to("MAX_IMPORT_BYTES")
def create() -> Response:
    """Take in a file."""
    handler = _kind_asked(request.form.get("kind", ""))
    form: Form[Any] = Form()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.add("file", "Choose a file first.")
    else:
        try:
            with file.stream as stream:
                found = services.start_import(stream, file.filename, handler.kind.name)
        except DomainError as refusal:
            form.refuse(refusal)
            if not refusal.errors:
                form.general.clear()
                form.add("file", refusal.detail)
                form.status = refusal.status
        else:
            step = ".columns" if found.status == ImportStatus.mapping else ".show"
            return redirect_to(url_for(step, import_id=found.id))
    return _choose_file(form, handler)


@blueprint.get("/<uuid:import_id>")
@permits("*.import")
def show(import_id: UUID) -> Response:
    """An import: what would come of it, how far it is, or what came of it."""
    found = _found(import_id)
    return render("imports/show.html", block=BLOCKS, **_shown(found))


@blueprint.get("/<uuid:import_id>/progress")
@permits("*.import")
def progress(import_id: UUID) -> Response:
    """How far the work on an import is; sends on to its page when it is done."""
    found = _found(import_id)
    if found.status not in BUSY:
        return redirect_to(url_for(".show", import_id=import_id))
    return render("imports/show.html", block="progress", **_base(found), **_progress(found))


@blueprint.get("/<uuid:import_id>/columns")
@permits("*.import")
def columns(import_id: UUID) -> Response:
    """Which column is what, and how dates and amounts are written."""
    found = _found(import_id)
    if found.status in BUSY or found.status in {ImportStatus.committed, ImportStatus.undone}:
        return redirect_to(url_for(".show", import_id=import_id))
    return render("imports/columns.html", form=_mapping_form(found), **_base(found), **_offered(found))


@blueprint.post("/<uuid:import_id>/columns")
@permits("*.import")
def save_columns(import_id: UUID) -> Response:
    """Map the columns as chosen, and check the rows again."""
    found = _found(import_id, for_update=True)
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
                return redirect_to(url_for(".show", import_id=import_id))
            form = _mapping_form(found)
            form.status = 200
    return render(
        "imports/columns.html", block="form", status=form.status, form=form, **_base(found), **_offered(found)
    )


@blueprint.post("/<uuid:import_id>/commit")
@permits("*.import")
def commit(import_id: UUID) -> Response:
    """Import the good rows."""
    services.commit_import(_found(import_id, for_update=True))
    return redirect_to(url_for(".show", import_id=import_id))


@blueprint.post("/<uuid:import_id>/undo")
@permits("*.import")
def undo(import_id: UUID) -> Response:
    """Take back what was imported."""
    services.undo_import(_found(import_id, for_update=True))
    return redirect_to(url_for(".show", import_id=import_id))


@blueprint.post("/<uuid:import_id>/discard")
@permits("*.import")
def discard(import_id: UUID) -> Response:
    """Forget an import that wrote nothing."""
    services.discard_import(_found(import_id, for_update=True))
    toast("Import discarded")
    return redirect_to(url_for(".index"))


def _found(import_id: UUID, *, for_update: bool = False) -> Import:
    """An import of a kind that the actor may import."""
    found = queries.get_import(import_id, for_update=for_update)
    require(services.handler_of(found.kind).permission)
    return services.settle(found)


def _kind_asked(name: str) -> Handler:
    """The kind that an address or a form names, else the first that the actor may import."""
    mine = services.handlers_for_actor()
    if not name and mine:
        return mine[0]
    handler = services.handler_of(name)
    require(handler.permission)
    return handler


def _tabs(kinds: list[Handler], chosen: str, *, every: bool) -> list[tuple[str, str, bool, None]]:
    """The kinds as tabs, when there is a choice."""
    if len(kinds) < 2:
        return []
    tabs = [("All", address({"kind": None}), chosen == "", None)] if every else []
    return [
        *tabs,
        *((one.kind.label, address({"kind": one.kind.name}), chosen == one.kind.name, None) for one in kinds),
    ]


def _choose_file(form: Form[Any], handler: Handler) -> Response:
    name = handler.kind.name
    return render(
        "imports/new.html",
        block="form" if request.method == "POST" else None,
        status=form.status,
        form=form,
        steps=STEPS,
        handler=handler,
        tabs_of_kinds=[
            (one.kind.label, url_for(".new", kind=one.kind.name), one.kind.name == name, None)
            for one in services.handlers_for_actor()
        ],
    )


def _base(found: Import) -> dict[str, Any]:
    return {
        "found": found,
        "file": queries.get_file(found.file_id),
        "steps": STEPS,
        "facts": found.facts,
        "words": WORDS,
        "handler": services.handler_of(found.kind),
    }


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
    handler = services.handler_of(found.kind)
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
    first = {name: place for place, name in enumerate(handler.shown)}
    fields = sorted(
        (one for one in handler.kind.fields if one.name in found.mapping), key=lambda one: first.get(one.name, 99)
    )
    committed = found.status == ImportStatus.committed
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
        "made": [(one.nouns, names) for one in handler.references if (names := _made(found, one.name))],
        "told": _told(handler, found),
        "undo_refused": handler.undo_refused(found) if committed else "",
    }


def _made(found: Import, reference: str) -> list[str]:
    return [one["path"] for one in found.facts.get("made", {}).get(reference, {}).values()]


def _told(handler: Handler, found: Import) -> Any:
    if found.status == ImportStatus.committed and found.result.get("commit"):
        return handler.commit_told(found)
    if found.status == ImportStatus.undone and found.result.get("undo"):
        return handler.undo_told(found)
    return None


def _offered(found: Import) -> dict[str, Any]:
    handler = services.handler_of(found.kind)
    types = {one.type for one in handler.kind.fields}
    questions = found.facts.get("questions", [])
    asked = {one["option"] for one in questions}
    free = [one for one in handler.options if one.name not in asked]
    writing: list[dict[str, Any]] = []
    if FieldType.date in types and "date_form" not in asked:
        writing.append(_control("date_form", "Dates", _DATE_FORMS, "As the file shows"))
    if types & {FieldType.amount, FieldType.rate} and "decimal" not in asked:
        writing.append(_control("decimal", "Decimal sign", _DECIMALS, "As the file shows"))
    return {
        "fields": [(one.name, one.label, one.help) for one in handler.kind.fields],
        "writing": [*writing, *(_control_of(one) for one in free if one.place == "writing")],
        "defaults": [_control_of(one) for one in free if one.place == "defaults"],
        "unknown": [
            _control(f"unknown-{one.name}", f"{one.nouns.capitalize()} that are not known", _UNKNOWN)
            for one in handler.references
        ],
        "meanings": [(one, _values_of(found, one)) for one in handler.meanings if _values_of(found, one)],
        "open_questions": [one for one in questions if "." not in one["option"]],
        "answered_below": [one for one in questions if "." in one["option"]],
    }


def _control(name: str, label: str, choices: Any, empty: str | None = None) -> dict[str, Any]:
    return {"name": name, "label": label, "choices": choices, "empty": empty, "searched": False, "help": ""}


def _control_of(option: Option) -> dict[str, Any]:
    control = _control(option.name, option.label, list(option.choices()), option.empty())
    return {**control, "searched": option.searched, "help": option.help}


def _values_of(found: Import, meanings: Meanings) -> list[tuple[str, int]]:
    """(value, rows) of the column whose values have meanings, those of words that nobody knows first."""
    column = found.mapping.get(meanings.field)
    values = next((one.get("values") or {} for one in found.columns if one["name"] == column), {})
    return sorted(values.items(), key=lambda one: meanings.of({}, one[0]) != "")[:_MOST_MEANINGS]


def _plain_options(handler: Handler) -> list[str]:
    return ["date_form", "decimal", "duplicates", *(one.name for one in handler.options if one.place)]


def _mapping_form(found: Import) -> Form[Any]:
    handler = services.handler_of(found.kind)
    by_column = {column: name for name, column in found.mapping.items()}
    decided = found.facts.get("decided", {})
    values: dict[str, Any] = {
        f"column-{number}": by_column.get(one["name"], "") for number, one in enumerate(found.columns)
    }
    values |= {name: found.options.get(name, decided.get(name, "")) for name in _plain_options(handler)}
    values |= {
        f"unknown-{one.name}": found.options.get("unknown", {}).get(one.name, CREATE) for one in handler.references
    }
    values["header_row"] = found.facts.get("header_row", 1)
    for one in handler.meanings:
        for number, (value, _) in enumerate(_values_of(found, one)):
            values[f"{one.option}-{number}"] = one.of(found.options, value)
    return Form(values)


def _mapping_of(found: Import, form: Form[Any]) -> dict[str, str | None]:
    kind = services.handler_of(found.kind).kind
    mapping: dict[str, str | None] = {}
    for number, one in enumerate(found.columns):
        name = request.form.get(f"column-{number}", "")
        if not name:
            continue
        if name in mapping:
            label = next((field.label for field in kind.fields if field.name == name), name)
            form.add(f"column-{number}", f"“{mapping[name]}” is the {label.lower()} already. Choose one of the two.")
        mapping[name] = one["name"]
    return mapping


def _options_of(found: Import) -> dict[str, Any]:
    """What was chosen. What is left as the file says it stays undecided, so that it follows the evidence."""
    handler = services.handler_of(found.kind)
    decided = found.facts.get("decided", {})
    options: dict[str, Any] = {}
    for name in _plain_options(handler):
        value = request.form.get(name, "")
        if value != str(decided.get(name, "")) or name in found.options:
            options[name] = value or None
    if handler.references:
        options["unknown"] = {
            one.name: choice for one in handler.references if (choice := request.form.get(f"unknown-{one.name}"))
        } or None
    header = request.form.get("header_row", "")
    if header.isdigit() and int(header) != found.facts.get("header_row"):
        options["header_row"] = int(header)
    for one in handler.meanings:
        said = {
            value: meaning
            for number, (value, _) in enumerate(_values_of(found, one))
            if (meaning := request.form.get(f"{one.option}-{number}"))
        }
        if said:
            options[one.option] = {**found.options.get(one.option, {}), **said}
    return options
