"""Network and explanation → report: the command line's `check`, as a function that returns values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

from verifier.checks import CHECKS, DEFAULT_CHECKS, Check, applicable
from verifier.claim import Claim
from verifier.engine.enumeration.enumerate import Options as EnumerateOptions
from verifier.engine.enumeration.enumerate import Strategy, enumerate_space
from verifier.engine.options import Choice
from verifier.engine.probe.layer import BOUND, MAX_BOUND, inputs_of, probe_layer, subject_of
from verifier.engine.probe.layer import Request as ProbeRequest
from verifier.engine.probe.outcome import FORMS, Form
from verifier.engine.suggest.outcome import Request, requirement
from verifier.engine.suggest.suggest import suggest as suggestion_of
from verifier.engine.verify import Subject
from verifier.engine.why import with_why
from verifier.errors import NothingToCheckError, input_error
from verifier.explanation import Explanation
from verifier.importers.layout import Layout, Stored
from verifier.importers.objects import read_object
from verifier.importers.read import Imported
from verifier.network import Activation, Kind
from verifier.notation import rational
from verifier.notation import suggest as nearest
from verifier.report.printed import Explanations, Probing, Report, Suggested
from verifier.run.asked import understood
from verifier.run.given import Given, Output, claimed, decoding_of, domain_of, taken
from verifier.space import Readouts, Space
from verifier.spec.network_file import read_network_file
from verifier.verdict import NODES


def check(
    network: Given,
    explanation: Explanation,
    *,
    inputs: Sequence[str] | None = None,
    output: Output | None = None,
    where: str | None = None,
    rows: Iterable[object] | None = None,
    encoding: tuple[object, object] = (0, 1),
    tolerance: object = 0,
    checks: Sequence[Check] | None = None,
    method: Choice = "auto",
    timeout_s: float | None = None,
    rlimit: int | None = None,
    node_limit: int = NODES,
    why: bool = False,
) -> Report:
    """Prove or refute an explanation of a network, on every input of a domain.

    Args:
        network: the network, or what `import_network` returns, with its decoding unless `output` is given.
        inputs: names of the n inputs; default x1..xn.
        output: how the last layer decodes, as a spec writes it (`y`, `y > 1/2`, `argmax`); default: every
            unit must be exactly 0 or 1.
        where: a formula that restricts the domain.
        rows: the inputs to range over instead of {0,1}^n, an array or a sequence of rows: n bits each, or
            throughout the numbers fed.
        encoding: the numbers fed for bit 0 and bit 1.
        tolerance: how far an output without a comparison may be from its bit.
        checks: which checks; default those of behavior, readout, mediation, interchange that apply.
        method: `table` (every input), `bdd` (decision diagrams), `smt` (Z3), `arb` (balls, for sigmoid and
            tanh), `all` (and compare) or `auto`.
        timeout_s: seconds each check may take; then its verdict is unknown.
        rlimit: what Z3 may spend on a query, in its own units.
        node_limit: how many nodes diagrams may have.
        why: whether to find out, too, which facts of the network each proved check needs (`Result.why`).

    Raises:
        InputError: anything malformed, an empty domain, or a tie.
    """
    network, output = taken(network, output)
    domain = domain_of(network, inputs, where, rows, encoding)
    decoding = decoding_of(network, output, rational(tolerance))
    claim = Claim(network, domain, decoding, claimed(explanation))
    checks = tuple(checks) if checks is not None else None
    unheard = [name for name in checks or () if name not in CHECKS]
    if unheard:
        raise input_error("E601", f"unknown check {unheard[0]}", nearest(unheard[0], CHECKS))
    wanted = checks if checks is not None else [c for c in DEFAULT_CHECKS if applicable(explanation, c)]
    if not wanted:
        raise NothingToCheckError("no check was asked for")
    subject = Subject(network, domain, claim.decoding, method, timeout_s, rlimit, node_limit)
    results = subject.verify_all(claim, wanted)
    if why:
        results = tuple(with_why(subject, claim, result, timeout_s, rlimit) for result in results)
    return Report(claim, results, subject.size)


def enumerate_explanations(
    network: Given,
    space: Space,
    *,
    inputs: Sequence[str] | None = None,
    output: Output | None = None,
    where: str | None = None,
    rows: Iterable[object] | None = None,
    encoding: tuple[object, object] = (0, 1),
    tolerance: object = 0,
    strategy: Strategy = "auto",
    limit: int | None = None,
    timeout_s: float | None = None,
    rlimit: int | None = None,
) -> Explanations:
    """Return every explanation of a space in canonical order, and last the statement whether that is all.

    `*explanations, statement = enumerate_explanations(network, space)` takes the iterator apart; its method
    `explanation` tells one of them in formulas. The network, the domain and the decoding are given as for
    `check`.

    Args:
        strategy: `decomposed` (single features, then sets of them), `monolithic` (Z3 finds whole
            explanations) or `auto`.
        limit: how many explanations to stop after; then the statement is not complete.
        timeout_s: seconds after which to stop.
        rlimit: what Z3 may spend on a query, in its own units.

    Raises:
        InputError: anything malformed, an empty domain, a tie, or a space that does not fit the network.
    """
    network, output = taken(network, output)
    domain = domain_of(network, inputs, where, rows, encoding)
    subject = Subject(network, domain, decoding_of(network, output, rational(tolerance)))
    options = EnumerateOptions(strategy, limit=limit, timeout_s=timeout_s, rlimit=rlimit)
    return Explanations(enumerate_space(subject, space, options))


def import_network(
    source: object,
    *,
    layers: Sequence[str | Stored] | None = None,
    activations: Sequence[Kind | Activation] | None = None,
    ignore: Sequence[str] = (),
) -> Imported:
    """Return a network with where it comes from: `.network`, and `.output` if it says what its output means.

    Args:
        source: the path of a file (`.onnx`, `.safetensors`, `.npz`, a network file), or in memory a
            `torch.nn.Sequential` in evaluation mode, an `MLPClassifier` or an `MLPRegressor` of scikit-learn.
        layers: of a file of tensors: the layers, first to last, as prefixes of tensors or as `Stored`.
        activations: of a file of tensors: one per layer.
        ignore: of a file of tensors: those that are in no layer, by name or by prefix.

    Raises:
        InputError: a file or an object that is not read, or does not hold what is said.
    """
    layout = Layout(
        tuple(Stored(layer) if isinstance(layer, str) else layer for layer in layers) if layers else None,
        tuple(a if isinstance(a, Activation) else Activation(a) for a in activations)
        if activations
        else None,
        ignored=tuple(ignore),
    )
    if isinstance(source, str | PathLike):
        return read_network_file(Path(source), layout)
    if not layout.silent:
        raise input_error("E601", "layers and activations are those of the object, and cannot be given")
    return read_object(source)


def suggest(
    network: Given,
    *,
    inputs: Sequence[str] | None = None,
    output: Output | None = None,
    where: str | None = None,
    rows: Iterable[object] | None = None,
    encoding: tuple[object, object] = (0, 1),
    tolerance: object = 0,
    layers: Sequence[str] = (),
    features: tuple[int, int] = (1, 3),
    coefficients: tuple[int, int] | None = (-2, 2),
    readouts: Sequence[Readouts] = ("linear", "threshold"),
    require: str | None = None,
    most: int = 5,
    timeout_s: float | None = None,
) -> Suggested:
    """Return what a network computes, what its layers hold, and the simplest explanations of how.

    `.outputs` are the outputs as formulas, `.layers` what was found layer by layer, `.explanations` the
    simplest explanations, ready for `check`. The network, the domain and the decoding are given as there.

    Args:
        layers: where to look; default every hidden layer.
        features: how many features an explanation may have.
        coefficients: bounds of the coefficients of readouts; None: any integers.
        readouts: the kinds of readouts, each tried where those before it explain nothing.
        require: `readout,mediation,interchange` or `readout,interchange`; default the first, and where there
            is no explanation with it the second.
        most: how many explanations to return per number of features and layer.
        timeout_s: seconds after which to stop.

    Raises:
        InputError: anything malformed, an empty domain, a tie, or an output that is no bit somewhere.
    """
    network, output = taken(network, output)
    domain = domain_of(network, inputs, where, rows, encoding)
    subject = Subject(network, domain, decoding_of(network, output, rational(tolerance)))
    request = Request(tuple(layers), features, coefficients, tuple(readouts), most, timeout_s)
    if require is not None:
        request = replace(request, requires=(understood("require", require, requirement),))
    return Suggested.of(suggestion_of(subject, request))


def probe(
    network: Given,
    concepts: Mapping[str, str] | None = None,
    *,
    layer: str = "",
    bound: int = BOUND,
    forms: Sequence[Form] = FORMS,
    every: bool = False,
    inputs: Sequence[str] | None = None,
    output: Output | None = None,
    where: str | None = None,
    rows: Iterable[object] | None = None,
    encoding: tuple[object, object] = (0, 1),
    tolerance: object = 0,
    timeout_s: float | None = None,
) -> Probing:
    """Return, per concept, the smallest whole readout of it in a layer, or the proof that there is none.

    `.probed` holds the concepts with an answer per form, `.listed` all readable functions if asked for. The
    domain is given as for `check`.

    Args:
        concepts: name → formula over the inputs and the concepts before it; default the outputs, where
            `output` or the import says how they become bits, else the inputs.
        layer: the name of the layer; default the only hidden one.
        bound: how large the coefficients may be.
        forms: `linear` (the form equals the bit, within `tolerance`), `threshold` (it is compared).
        every: list every function that is readable at all, too.
        timeout_s: seconds an answer may take; then it is unknown.

    Raises:
        InputError: anything malformed, an empty domain, or a tie.
    """
    if not 1 <= bound <= MAX_BOUND:
        raise input_error("E601", f"expected a bound from 1 to {MAX_BOUND}, got {bound}")
    network, output = taken(network, output)
    domain = domain_of(network, inputs, where, rows, encoding)
    decoded = output if output is not None else f"{network.layers[-1].units[0]} >= 0"  # none is asked about
    subject = subject_of(network, domain, decoding_of(network, decoded, rational(tolerance)), timeout_s)
    contexts = [] if output is not None else inputs_of(domain)
    if concepts:
        context = Explanation.of(network, dict(concepts), name="concepts", inputs=domain.inputs)
        contexts = [replace(context, name="")]
    request = ProbeRequest(layer, bound, tuple(forms), every, timeout_s)
    return Probing.of(probe_layer(subject, contexts, request))
