"""`concepts` → features without places, each a formula over inputs and earlier concepts."""

from verifier.explanation import Feature
from verifier.spec.nodes import Mapping
from verifier.spec.nodes_to_explanations import Context, read_features
from verifier.spec.problems import Problems


def read_concepts(root: Mapping, context: Context, problems: Problems) -> tuple[Feature, ...]:
    """Return the concepts; none if any is faulty."""
    node = root.mapping("concepts")
    concepts = (read_features(node, context, problems) if node else None) or ()
    for concept in concepts:
        if node is not None and concept.site is not None:
            place = node.items[concept.name][1].position
            message = f"the concept {concept.name} has a place: it is a formula alone"
            problems.add("E104", message, place, "where it is read is what `verifier probe` finds out")
    return concepts
