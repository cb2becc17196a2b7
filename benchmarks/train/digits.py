"""Handwritten fours and nines, 8×8 pixels of 17 grey levels → specs/gallery/digits.csv and .safetensors.

A pixel is a bit: whether it is above 7. Each hidden unit sees one quarter of the image.
The images are scikit-learn's copy of the test set of UCI's Optical Recognition of Handwritten Digits
(E. Alpaydin and C. Kaynak, 1998, doi 10.24432/C50P49, CC BY 4.0).
"""

import numpy as np
from mlp import folder, report, save, train, write_rows
from sklearn.datasets import load_digits

if __name__ == "__main__":
    digits = load_digits()
    chosen = np.isin(digits.target, (4, 9))
    bits = (digits.data[chosen] > 7.5).astype(int).tolist()
    images = dict(zip(map(tuple, bits), digits.target[chosen].tolist(), strict=True))
    row, column = np.divmod(np.arange(64), 8)
    names = [f"r{i + 1}c{j + 1}" for i, j in zip(row, column, strict=True)]
    write_rows(
        folder() / "digits.csv", [*names, "digit"], [[*image, digit] for image, digit in images.items()]
    )

    x, nine = np.array(list(images)), np.array(list(images.values())) == 9
    quarters = [(row // 4 == i) & (column // 4 == j) for i in range(2) for j in range(2)]
    layers = train(x, nine, [4], seed=2, l1=0.0015, prune=0.6, fields=quarters)
    report("digits", layers, x, nine)
    save(folder() / "digits.safetensors", layers)
