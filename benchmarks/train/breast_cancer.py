"""Breast tumours, 30 measurements each → specs/gallery/breast-cancer.onnx, .csv and -bits.csv.

A measurement is a bit: whether it is above its median. The first table holds the measurements, so that a spec
can say where they are cut, the second the distinct rows of bits. The data are scikit-learn's copy of UCI's
Breast Cancer Wisconsin (Diagnostic) (W. Wolberg, O. Mangasarian, N. Street and W. Street, 1993, doi
10.24432/C5DW2B, CC BY 4.0).
"""

import numpy as np
from mlp import folder, write_rows
from onnx_file import save_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.neural_network import MLPClassifier

if __name__ == "__main__":
    data = load_breast_cancer()
    columns = [str(name) for name in data.feature_names]
    medians = np.median(data.data, axis=0)
    bits, malignant = data.data > medians, data.target == 0
    kinds = data.target_names[data.target]
    named = [[*row, kind] for row, kind in zip(data.data.tolist(), kinds, strict=True)]
    write_rows(folder() / "breast-cancer.csv", [*columns, "diagnosis"], named)
    distinct = dict.fromkeys(map(tuple, bits.astype(int).tolist()))
    write_rows(folder() / "breast-cancer-bits.csv", [name.replace(" ", "_") for name in columns], distinct)

    clf = MLPClassifier((4,), alpha=10.0, solver="lbfgs", max_iter=5000, random_state=0).fit(bits, malignant)
    layers = [(W.T, b) for W, b in zip(clf.coefs_, clf.intercepts_, strict=True)]
    save_onnx(folder() / "breast-cancer.onnx", layers)
    right = int((clf.predict(bits) == malignant).sum())
    print(f"breast-cancer: 30-4-1, right on {right}/{len(bits)} tumours; {len(distinct)} distinct rows")
    for name, median in zip(columns, medians.tolist(), strict=True):
        print(f"  {name.replace(' ', '_')}: {name} > {median}")
