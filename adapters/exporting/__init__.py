"""The record as a file that anybody can check and an empty store can take in."""

from adapters.exporting.importing import Imported, restore
from adapters.exporting.manifest import MANIFEST, Manifest, read_manifest
from adapters.exporting.problems import CannotExport, CannotImport
from adapters.exporting.writing import Export, Exporter

__all__ = [
    "MANIFEST",
    "CannotExport",
    "CannotImport",
    "Export",
    "Exporter",
    "Imported",
    "Manifest",
    "read_manifest",
    "restore",
]
