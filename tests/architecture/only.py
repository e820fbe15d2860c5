"""The contract that a package imports nothing but the standard library, itself and what is listed."""

import sys
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Only(Contract):
    type_name = "only"

    package = fields.StringField()
    may_import = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - the base class names it
        package = str(self.package)
        known = {package, *self._allowed(), *sys.stdlib_module_names}
        modules = {package, *graph.find_descendants(package)}
        strangers = [
            f"{module} imports {imported}"
            for module in sorted(modules)
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if imported.partition(".")[0] not in known
        ]
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def _allowed(self) -> list[str]:
        return cast("list[str]", self.may_import)  # a field becomes its value on the instance

    def render_broken_contract(self, check: ContractCheck) -> None:
        for stranger in check.metadata["strangers"]:
            output.print_error(stranger)
