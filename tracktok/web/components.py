"""The macros of `templates/components/` as globals of every template.

`render_block` skips a template's top-level imports, so an imported macro would be missing from fragments; as globals
they are there in both. Macros may call each other in any order: each is registered under its name first, and found
when it is called.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import Environment, nodes, pass_eval_context
from jinja2.nodes import EvalContext

FOLDER = "components/"


class Component:
    """A macro that is looked up when it is called."""

    def __init__(self, environment: Environment, template: str, name: str) -> None:
        self.environment, self.template, self.name = environment, template, name
        self.macro: Any = None

    @pass_eval_context
    def __call__(self, eval_context: EvalContext, /, *args: Any, **kwargs: Any) -> Any:
        if self.macro is None or self.environment.auto_reload:
            self.macro = getattr(self.environment.get_template(self.template).module, self.name)
        return self.macro(eval_context, *args, **kwargs)


def macro_names(environment: Environment, template: str) -> list[str]:
    """The macros that a template defines for others; a name that begins with an underscore is its own."""
    loader = environment.loader
    assert loader is not None  # noqa: S101 - Flask always sets one
    source, _, _ = loader.get_source(environment, template)
    tree = environment.parse(source)
    return [macro.name for macro in tree.find_all(nodes.Macro) if not macro.name.startswith("_")]


def init_app(app: Flask) -> None:
    """Register every macro. Raises RuntimeError when two files define the same name."""
    environment = app.jinja_env
    for template in sorted(name for name in environment.list_templates() if name.startswith(FOLDER)):
        for name in macro_names(environment, template):
            if name in environment.globals:
                raise RuntimeError(f"{template} defines {name}, which is defined already")
            environment.globals[name] = Component(environment, template, name)
