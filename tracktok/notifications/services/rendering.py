"""Mails from templates, outside any request.

`render_mail("auth/verify", ...)` reads `auth/templates/auth/mail/verify.txt` and `verify.html`. The text begins with
the line `Subject: ...`. Amounts and dates come in as written text: mails know no tenant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail ready to be sent."""

    subject: str
    text: str
    html: str


@cache
def _environment() -> Environment:
    folders = sorted(str(path) for path in _ROOT.glob("*/templates"))
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _template(name: str, ending: str) -> Template:
    area, _, rest = name.partition("/")
    return _environment().get_template(f"{area}/mail/{rest}.{ending}")


def render_mail(name: str, /, **values: Any) -> RenderedMail:
    """The subject, text and HTML of a mail. Raises jinja2's UndefinedError when a value is missing."""
    written = _template(name, "txt").render(**values)
    first, _, text = written.partition("\n")
    subject = first.removeprefix("Subject:")
    if subject == first:
        raise ValueError(f"{name}.txt does not begin with a line Subject: ...")
    subject = " ".join(subject.split())
    html = _template(name, "html").render(subject=subject, **values)
    return RenderedMail(subject, text.strip() + "\n", html)
