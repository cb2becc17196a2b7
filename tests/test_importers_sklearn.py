"""scikit-learn in memory: the network is the one that it runs, and predicts what it predicts."""

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from float_runs import FORMATS, Run, disagreements, exact
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from verifier import InputError, import_network

X = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)], np.float64)


def trained(network: Any, y: NDArray[Any], kind: str = "float64") -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has not converged
        return network.fit(X.astype(kind), y)


def outputs(network: Any) -> Run:
    """Return the last layer before its activation, as scikit-learn computes it."""

    def run(x: NDArray[np.float64]) -> NDArray[np.float64]:
        last = network.out_activation_
        network.out_activation_ = "identity"
        try:
            given = x.astype(network.coefs_[0].dtype)
            found: NDArray[np.float64] = network._forward_pass_fast(given).astype(np.float64)
        finally:
            network.out_activation_ = last
        return found

    return run


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize("seed", range(4))
def test_a_regressor_is_the_network_that_runs(seed: int, activation: str, kind: str) -> None:
    y = np.random.default_rng(seed).normal(size=(8, 2)).astype(kind)
    hidden = (4, 3)[: 1 + seed % 2]
    made = MLPRegressor(hidden_layer_sizes=hidden, activation=activation, random_state=seed, max_iter=30)
    network = trained(made, y, kind)
    imported = import_network(network)
    assert imported.output is None
    assert network.coefs_[0].dtype == kind
    assert not disagreements(imported.network, outputs(network), FORMATS[kind])


@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.parametrize("seed", range(4))
def test_a_classifier_of_two_classes_predicts_the_second_where_positive(seed: int, activation: str) -> None:
    y = np.where(np.random.default_rng(seed).integers(2, size=8) > 0, "yes", "no")
    y[:2] = "no", "yes"
    made = MLPClassifier((4,), activation=activation, random_state=seed, max_iter=60, learning_rate_init=0.1)
    network = trained(made, y)
    imported = import_network(network)
    assert imported.output == "y > 0"
    assert not disagreements(imported.network, outputs(network), FORMATS["float64"])
    found = [exact(imported.network, x)[0] for x in X.astype(int).tolist()]
    assert network.predict(X).tolist() == [network.classes_[int(value > 0)] for value in found]
    probabilities = network.predict_proba(X)[:, 1]
    assert probabilities == pytest.approx(expit([float(value) for value in found]), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_a_classifier_of_several_classes_predicts_the_largest(seed: int) -> None:
    y = np.random.default_rng(seed).integers(3, size=8) * 10
    y[:3] = 0, 10, 20
    made = MLPClassifier((5, 4), random_state=seed, max_iter=60, learning_rate_init=0.1)
    network = trained(made, y)
    imported = import_network(network)
    assert imported.output == "argmax"
    for x, predicted in zip(X.astype(int).tolist(), network.predict(X), strict=True):
        values = exact(imported.network, x)
        assert network.classes_[values.index(max(values))] == predicted


def test_a_classifier_of_several_labels_says_no_decoding() -> None:
    network = trained(MLPClassifier((4,), random_state=0, max_iter=50), X[:, :2].astype(int))
    imported = import_network(network)
    assert imported.output is None
    for x, predicted in zip(X.astype(int).tolist(), network.predict(X).tolist(), strict=True):
        assert [int(value > 0) for value in exact(imported.network, x)] == predicted


@pytest.mark.parametrize(("activation", "kind"), [("logistic", "sigmoid"), ("tanh", "tanh")])
def test_smooth_activations_keep_their_slope_of_1(activation: str, kind: str) -> None:
    network = trained(
        MLPRegressor(hidden_layer_sizes=(3,), activation=activation, random_state=1, max_iter=20), X[:, 0]
    )
    imported = import_network(network).network
    assert [layer.activation.kind for layer in imported.layers] == [kind, "identity"]
    assert imported.layers[0].activation.slope == 1
    h = X @ np.array(imported.layers[0].W, float).T + np.array(imported.layers[0].b, float)
    h = 1 / (1 + np.exp(-h)) if kind == "sigmoid" else np.tanh(h)
    last = imported.layers[1]
    found = h @ np.array(last.W, float).T + np.array(last.b, float)
    assert outputs(network)(X) == pytest.approx(found, abs=1e-13)


def test_weights_are_exact() -> None:
    network = trained(MLPRegressor(hidden_layer_sizes=(2,), random_state=0, max_iter=3), X[:, 0])
    assert import_network(network).network.layers[0].W[1][2] == Fraction(float(network.coefs_[0][2, 1]))


class Own(MLPClassifier):
    def predict(self, X: Any) -> Any:
        return 1 - super().predict(X)


def spoiled(**changes: object) -> MLPRegressor:
    network = trained(MLPRegressor(hidden_layer_sizes=(2,), random_state=0, max_iter=3), X[:, 0])
    for name, value in changes.items():
        setattr(network, name, value)
    return network


def not_finite() -> MLPRegressor:
    network = spoiled()
    network.coefs_[1][1, 0] = np.nan
    return network


def cut(name: str) -> MLPRegressor:
    network = spoiled()
    return spoiled(**{name: getattr(network, name)[:1]})


def listed(name: str) -> MLPRegressor:
    network = spoiled()
    return spoiled(**{name: [array.tolist() for array in getattr(network, name)]})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: MLPClassifier(), "E302 this MLPClassifier is not trained"),
        (lambda: trained(Own((2,), max_iter=3), X[:, 0]), "E302 .*Own"),
        (lambda: make_pipeline(StandardScaler(), MLPClassifier()), "import the MLP in it"),
        (lambda: spoiled(out_activation_="exp"), "output activation 'exp'"),
        (lambda: spoiled(activation="swish"), "activation 'swish'"),
        (lambda: trained(MLPClassifier((2,), max_iter=3), np.ones(8)), "E302 .*not trained on two classes"),
        (lambda: cut("coefs_"), "E302 .*2 layers of weights, but 1 coefs_ and 2 intercepts_"),
        (lambda: cut("intercepts_"), "E302 .*2 coefs_ and 1 intercepts_"),
        (lambda: listed("coefs_"), r"E302 coefs_\[0\]: expected an array, got list"),
        (lambda: listed("intercepts_"), r"E302 intercepts_\[0\]: expected an array, got list"),
        (not_finite, r"E104 tensor coefs_\[1\], entry \[1, 0\]"),
        (lambda: 3, "E302 networks are not read from objects of class builtins.int"),
        (lambda: {"fc1.weight": X}, "builtins.dict"),
    ],
)
def test_everything_else_is_refused_by_name(make: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        import_network(make())


def test_layers_of_an_object_cannot_be_given() -> None:
    with pytest.raises(InputError, match="E601"):
        import_network(spoiled(), activations=["relu", "identity"])
