"""A company that has nothing yet looks at sample data: an import like any other, to be looked at, and undone whole."""

from __future__ import annotations

import io

from flask import Response, url_for

from tracktok.core.permissions import permits
from tracktok.expenses.rules.sample import NAME, sample_csv
from tracktok.imports.services import start_import
from tracktok.web.filters import today
from tracktok.web.render import redirect_to, toast

from .blueprint import blueprint


@blueprint.post("/expenses/sample")
@permits("expenses.import")
def sample() -> Response:
    """Read a file of sample data; nothing is recorded before it is imported."""
    found = start_import(io.BytesIO(sample_csv(today())), NAME, "expenses")
    toast("This is sample data. Import it to look around; “Undo” on this page takes all of it back.")
    return redirect_to(url_for("imports.show", import_id=found.id))
