"""Parity of 3 of 10 bits → specs/gallery/sparse-parity.onnx. Weights and biases are multiples of 1/4."""

from mlp import combinations, folder, report, train
from onnx_file import save_onnx

if __name__ == "__main__":
    x = combinations(*[2] * 10)
    odd = x[:, [1, 4, 8]].sum(axis=1) % 2 == 1
    layers = train(x, odd, [6], seed=0, l1=1e-3, grid=0.25)
    report("sparse-parity", layers, x, odd)
    save_onnx(folder() / "sparse-parity.onnx", layers)
