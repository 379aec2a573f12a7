"""A kind of import contract for import-linter: the layers inside every area, whichever areas there are.

`LayersContract` wants its containers named. Here they are found: each package below the root package is an
area, except those named in `not_areas`, so a new area is held to the order of its files from its first day.
"""

from typing import Any, cast

import grimp
from importlinter.application.output import print_warning
from importlinter.contracts.layers import LayersContract
from importlinter.domain import fields
from importlinter.domain.contract import ContractCheck
from importlinter.domain.imports import ModuleExpression


class AreaLayersContract(LayersContract):
    """Layers inside each area. Options: those of `layers` without `containers`, and `not_areas`."""

    type_name = "area_layers"
    not_areas = fields.SetField(subfield=fields.StringField(), required=False)

    def validate(self) -> None:
        """Nothing beyond the fields: containers are found when the imports are known."""

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Find the areas in the graph of imports, and check the layers inside each."""
        [root] = self.session_options["root_packages"]
        left_out = {f"{root}.{name}" for name in cast("set[str] | None", self.not_areas) or ()}
        packages = {name for name in graph.find_children(root) if graph.find_children(name)}
        areas = sorted(packages - left_out)
        # The library's fields are declared as what describes them and hold what was read.
        self.containers = cast("Any", [ModuleExpression(name) for name in areas])
        if not areas:
            print_warning("There is no area yet.")
            return ContractCheck(kept=True, warnings=[], metadata={})
        return super().check(graph, verbose)
