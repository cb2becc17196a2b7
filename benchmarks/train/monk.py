"""Monk's problems 1 to 3 → specs/gallery/monk-{1,2,3}.safetensors.

Robots with six attributes of 3, 3, 2, 3, 4 and 2 values, 432 in all, and three concepts, as defined in
Thrun et al., "The MONK's problems: a performance comparison of different learning algorithms", CMU-
CS-91-197, 1991. The first two networks are trained on all robots. The third is trained, as there, on 122 of
them with a wrong label on 5 % (6), both drawn by our own seed; it is measured on all robots, against the
concept without noise.
"""

import numpy as np
from mlp import combinations, folder, one_hot, report, save, train

SIZES = (3, 3, 2, 3, 4, 2)
ROBOTS = combinations(*SIZES)
HEAD, BODY, SMILING, HOLDING, JACKET, TIE = ROBOTS.T + 1  # values are numbered from 1, as in the report

CONCEPTS = {
    "monk-1": (HEAD == BODY) | (JACKET == 1),
    "monk-2": (ROBOTS == 0).sum(axis=1) == 2,
    "monk-3": ((JACKET == 3) & (HOLDING == 1)) | ((JACKET != 4) & (BODY != 3)),
}

if __name__ == "__main__":
    x = one_hot(ROBOTS, *SIZES)
    saturated = {"activation": "hard_tanh", "l1": 1e-3, "saturate": 0.1}
    layers = train(x, CONCEPTS["monk-1"], [3], seed=14, grid=0.5, **saturated)
    report("monk-1", layers, x, CONCEPTS["monk-1"], "hard_tanh")
    save(folder() / "monk-1.safetensors", layers)

    layers = train(x, CONCEPTS["monk-2"], [4], seed=2, **saturated)
    report("monk-2", layers, x, CONCEPTS["monk-2"], "hard_tanh")
    save(folder() / "monk-2.safetensors", layers)

    seen = np.random.default_rng(1).permutation(len(x))[:122]
    labels = CONCEPTS["monk-3"].copy()
    labels[seen[:6]] ^= True
    layers = train(x[seen], labels[seen], [2], seed=1, l1=3e-3)
    report("monk-3", layers, x, CONCEPTS["monk-3"])
    save(folder() / "monk-3.safetensors", layers)
