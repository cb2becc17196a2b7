"""(a = b) = (c = d) over three objects → specs/gallery/hierarchical-equality{,-aligned}.safetensors.

The task is that of Geiger, Carstensen, Frank and Potts, "Relational reasoning and generalization using
nonsymbolic neural networks", Psychological Review, 2022. The second network is trained by interchange
interventions as well (Geiger et al., "Inducing causal structure for interpretable neural networks", ICML
2022): for every pair of inputs, with one half of the hidden units taken from the one and the other half
from the other, it is to compare a = b of the one with c = d of the other. Weights and biases are multiples
of 1/4.
"""

import numpy as np
import torch
from mlp import activations, combinations, folder, one_hot, report, save, train
from torch.nn.functional import binary_cross_entropy_with_logits

if __name__ == "__main__":
    sizes, half = (3, 3, 3, 3), 4
    objects = combinations(*sizes)
    x = one_hot(objects, *sizes)
    left, right = objects[:, 0] == objects[:, 1], objects[:, 2] == objects[:, 3]
    one, other = np.divmod(np.arange(len(x) ** 2), len(x))
    goal = torch.tensor(left[one] == right[other], dtype=torch.float64)[:, None]

    def interchange(parameters: list[torch.Tensor]) -> torch.Tensor:
        """Return the cross entropy over all pairs of inputs after the swap."""
        h = activations(parameters, torch.tensor(x))[0]
        swapped = torch.cat([h[one, :half], h[other, half:]], dim=1)
        return binary_cross_entropy_with_logits(activations(parameters[2:], swapped)[-1], goal)

    for name, seed, steps, extra in (
        ("hierarchical-equality", 3, 3000, None),
        ("hierarchical-equality-aligned", 8, 2000, interchange),
    ):
        layers = train(
            x, left == right, [2 * half, 3], seed=seed, steps=steps, l1=1e-3, grid=0.25, extra=extra
        )
        report(name, layers, x, left == right)
        save(folder() / f"{name}.safetensors", layers, ("ha", "hb", "y"))
