"""`MLPClassifier` or `MLPRegressor` of scikit-learn in memory → steps and what the output means.

A classifier ends in its logits: sigmoid and softmax grow with them, so `y > 0` is the second class of two,
and the largest of several logits the class. Bit i of several is the i-th of `classes_`. scikit-learn is not
imported.
"""

from typing import Any

import numpy as np

from verifier.errors import input_error
from verifier.importers.steps import Affine, Step
from verifier.importers.tensors import from_array, matrix, vector
from verifier.network import Activation, Kind

_HOME = "sklearn.neural_network._multilayer_perceptron."
_ACTIVATIONS: dict[str, Kind] = {
    "relu": "relu",
    "logistic": "sigmoid",
    "tanh": "tanh",
    "identity": "identity",
}
_OUTPUTS: dict[str, dict[str, str | None]] = {
    "MLPClassifier": {"logistic": "y > 0", "softmax": "argmax"},
    "MLPRegressor": {"identity": None},
}


def is_mlp(network: object) -> bool:
    """Return whether an object is one of the two, and not of a class derived from them."""
    kind = type(network)
    return kind.__module__ + "." == _HOME and kind.__qualname__ in _OUTPUTS


def read_mlp(network: Any) -> tuple[list[Step], str | None]:
    """Return the steps and the decoding that a classifier means; None where there are several labels.

    Raises:
        InputError: E302 for a network that is not trained, or on one class, an activation that is not read,
            or weights that are no arrays, one per layer; E104 and E306 for its numbers.
    """
    name = type(network).__name__
    if not hasattr(network, "coefs_"):
        raise input_error("E302", f"this {name} is not trained: it has no coefs_", "call .fit(X, y)")
    last, outputs = network.out_activation_, _OUTPUTS[name]
    if last not in outputs:
        raise input_error("E302", f"an output activation {last!r} of {name} is not read")
    if network.activation not in _ACTIVATIONS:
        raise input_error("E302", f"an activation {network.activation!r} of {name} is not read")
    if outputs[last] == "y > 0" and network.n_outputs_ == 1 and len(network.classes_) != 2:
        classes = np.asarray(network.classes_).tolist()
        message = f"this {name} was not trained on two classes: its classes_ are {classes}"
        raise input_error("E302", message, "y > 0 means the second class; train it on rows of both")
    layers = network.n_layers_ - 1
    if not len(network.coefs_) == len(network.intercepts_) == layers:
        counts = f"{len(network.coefs_)} coefs_ and {len(network.intercepts_)} intercepts_"
        raise input_error("E302", f"this {name} has {layers} layers of weights, but {counts}")
    steps: list[Step] = []
    for i, (coefs, intercepts) in enumerate(zip(network.coefs_, network.intercepts_, strict=True)):
        for held, array in (("coefs_", coefs), ("intercepts_", intercepts)):
            if not isinstance(array, np.ndarray):
                raise input_error("E302", f"{held}[{i}]: expected an array, got {type(array).__name__}")
        W = matrix(from_array(f"coefs_[{i}]", coefs), transpose=True)
        b = vector(from_array(f"intercepts_[{i}]", intercepts))
        steps += [Affine(W, b, f"coefs_[{i}]"), Activation(_ACTIVATIONS[network.activation])]
    several = last == "logistic" and network.n_outputs_ > 1
    return steps[:-1], None if several else outputs[last]
