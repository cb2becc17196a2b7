"""Models → JSON Schema, in words that draft-07 and 2020-12 share."""

from typing import Any

from msgspec.json import schema_components

from verifier.spec.models import Document, ReferringDocument


def json_schema() -> dict[str, Any]:
    """Return the schema of a spec file, for editors and other programs; `load` checks much more."""
    _, definitions = schema_components([Document, ReferringDocument], ref_template="#/$defs/{name}")
    root, referring = definitions.pop("Document"), definitions.pop("ReferringDocument")
    written, stored = (document["properties"]["network"] for document in (root, referring))
    root["properties"]["network"] = {"anyOf": [written, *stored["anyOf"]]}
    return {"$schema": "http://json-schema.org/draft-07/schema#", **root, "$defs": definitions}
