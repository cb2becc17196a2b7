"""Models → JSON Schema, in words that draft-07 and 2020-12 share."""

from typing import Any

from msgspec.json import schema_components

from verifier.spec.models import Document


def json_schema() -> dict[str, Any]:
    """Return the schema of a spec file, for editors and other programs; `load` checks much more."""
    _, definitions = schema_components([Document], ref_template="#/$defs/{name}")
    root = definitions.pop("Document")
    return {"$schema": "http://json-schema.org/draft-07/schema#", **root, "$defs": definitions}
