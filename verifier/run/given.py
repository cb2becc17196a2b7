"""Arguments of the Python functions → network, domain and decoding, as a spec would say them."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from verifier.decoding import Decoding, argmax, parse_output
from verifier.domain import Bits, Domain
from verifier.errors import input_error
from verifier.explanation import Explanation
from verifier.formula import parse, unknown_names
from verifier.importers.read import Imported
from verifier.network import Network
from verifier.notation import rational

Given = Network | Imported
"""A network, or one that was imported and may say what its output means."""

Output = str | Sequence[str] | Mapping[str, str]
"""How the last layer decodes: a form, a list of them, or forms by name."""


def taken(given: object, output: Output | None) -> tuple[Network, Output | None]:
    """Return the network, and the decoding that is asked for, else that of the import.

    Raises:
        InputError: E601, it is neither.
    """
    if isinstance(given, Network):
        return given, output
    if not isinstance(given, Imported):
        hint = "Network(...), or what import_network returns"
        raise input_error("E601", f"expected a network, got {_kind(given)}", hint)
    return given.network, given.output if output is None else output


def claimed(given: object) -> Explanation:
    """Return an explanation.

    Raises:
        InputError: E601, it is none.
    """
    if isinstance(given, Explanation):
        return given
    hint = "Explanation.of(network, {'y': 'x1 & x2'})"
    raise input_error("E601", f"expected an Explanation, got {_kind(given)}", hint)


def _kind(given: object) -> str:
    return f"a {type(given).__name__}"


def domain_of(
    network: Network,
    inputs: Sequence[str] | None,
    where: str | None,
    rows: Iterable[object] | None,
    encoding: tuple[object, object],
) -> Domain:
    """Return the domain.

    Raises:
        InputError: names, a formula, rows or numbers that do not fit.
    """
    names = tuple(inputs) if inputs is not None else tuple(f"x{i + 1}" for i in range(network.n))
    if len(names) != network.n:
        raise input_error("E301", f"the network takes {network.n} inputs, got names for {len(names)}")
    condition = parse(where) if where is not None else None
    unknown = unknown_names(condition, names) if condition is not None else None
    if unknown is not None:
        raise unknown
    low, high = rational(encoding[0]), rational(encoding[1])
    return Domain(names, condition, _rows(rows, names, low, high), low, high)


def _rows(
    rows: Iterable[object] | None, inputs: tuple[str, ...], low: Fraction, high: Fraction
) -> tuple[Bits, ...] | None:
    from verifier.spec.data import from_rows
    from verifier.spec.data_to_rows import Wanted, rows_of

    if rows is None:
        return None
    data = from_rows(rows, "rows", len(inputs))
    return tuple(rows_of(data, Wanted(inputs, low=low, high=high))) if data is not None else ()


def decoding_of(network: Network, output: Output | None, tolerance: Fraction) -> Decoding:
    """Return the decoding, by default every unit of the last layer as it is."""
    if output == "argmax":
        return argmax(network, tolerance)
    if output is None:
        output = network.layer(network.depth).units
    if isinstance(output, Mapping):
        outputs = tuple(parse_output(text, network, name) for name, text in output.items())
    else:
        outputs = tuple(
            parse_output(text, network) for text in ([output] if isinstance(output, str) else output)
        )
    return Decoding(outputs, tolerance)
