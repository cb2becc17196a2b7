"""Prove or refute, on every input, claims about how a small neural network computes."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verifier.api import check, enumerate_explanations, import_network, probe, suggest
    from verifier.engine.options import Options
    from verifier.errors import InputError, InternalError, VerifierError
    from verifier.explanation import Explanation
    from verifier.importers.layout import Stored
    from verifier.importers.read import Imported
    from verifier.library import Library
    from verifier.network import Activation, Layer, Network
    from verifier.report.printed import Report
    from verifier.run.check_specs import check_specs
    from verifier.run.mutate_spec import mutate_spec
    from verifier.space import Space
    from verifier.spec import Spec, load
    from verifier.verdict import Proved, Refuted, Unknown

_HOMES = {
    "verifier.api": ("check", "enumerate_explanations", "import_network", "probe", "suggest"),
    "verifier.engine.options": ("Options",),
    "verifier.report.printed": ("Report",),
    "verifier.run.check_specs": ("check_specs",),
    "verifier.run.mutate_spec": ("mutate_spec",),
    "verifier.errors": ("InputError", "InternalError", "VerifierError"),
    "verifier.explanation": ("Explanation",),
    "verifier.importers.layout": ("Stored",),
    "verifier.importers.read": ("Imported",),
    "verifier.library": ("Library",),
    "verifier.network": ("Activation", "Layer", "Network"),
    "verifier.space": ("Space",),
    "verifier.spec": ("Spec", "load"),
    "verifier.verdict": ("Proved", "Refuted", "Unknown"),
}

__all__ = [
    "Activation", "Explanation", "Imported", "InputError", "InternalError", "Layer", "Library", "Network",
    "Options", "Proved", "Refuted", "Report", "Space", "Spec", "Stored", "Unknown", "VerifierError", "check",
    "check_specs", "enumerate_explanations", "import_network", "load", "mutate_spec", "probe",
    "suggest",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """Import what is asked for: `import verifier` alone loads nothing."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
