"""Object in memory → what it holds, by the name of its class: nothing is imported to ask."""

from verifier.errors import input_error
from verifier.importers.read import Imported
from verifier.importers.sklearn_mlp import is_mlp, read_mlp
from verifier.importers.steps import network_of
from verifier.importers.torch_modules import is_module, read_module


def read_object(network: object) -> Imported:
    """Return the network of a `torch.nn.Sequential`, an `MLPClassifier` or an `MLPRegressor`.

    Raises:
        InputError: E302 for any other object, or what the readers raise.
    """
    if is_module(network):
        return Imported(network_of(read_module(network)), "torch")
    if is_mlp(network):
        steps, output = read_mlp(network)
        return Imported(network_of(steps), "scikit-learn", output=output)
    kind = f"{type(network).__module__}.{type(network).__qualname__}"
    hint = "read are torch.nn.Sequential, sklearn's MLPClassifier and MLPRegressor, and files"
    if kind.startswith("keras."):
        hint = "network.export('network.onnx', format='onnx'), then import the file"
    if kind.startswith("sklearn.pipeline"):
        hint = "import the MLP in it; what stands before it has to be done to the inputs"
    raise input_error("E302", f"networks are not read from objects of class {kind}", hint)
