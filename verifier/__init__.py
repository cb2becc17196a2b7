"""Prove or refute, on every input, claims about how a small neural network computes."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verifier.api import Report, check
    from verifier.errors import InputError, InternalError, VerifierError
    from verifier.explanation import Explanation
    from verifier.network import Activation, Layer, Network
    from verifier.run.check_specs import Options, check_specs
    from verifier.spec import Spec, load
    from verifier.verdict import Proved, Refuted, Unknown

_HOMES = {
    "verifier.api": ("Report", "check"),
    "verifier.run.check_specs": ("Options", "check_specs"),
    "verifier.errors": ("InputError", "InternalError", "VerifierError"),
    "verifier.explanation": ("Explanation",),
    "verifier.network": ("Activation", "Layer", "Network"),
    "verifier.spec": ("Spec", "load"),
    "verifier.verdict": ("Proved", "Refuted", "Unknown"),
}

__all__ = [
    "Activation", "Explanation", "InputError", "InternalError", "Layer", "Network", "Options", "Proved",
    "Refuted", "Report", "Spec", "Unknown", "VerifierError", "check", "check_specs", "load",
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
