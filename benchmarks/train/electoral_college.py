"""Nine voters in three states: who carries two states? → specs/gallery/electoral-college.safetensors.

Weights and activations are -1 or 1, in training and after. Gradients pass straight through a sign whose
argument is at most 1 (I. Hubara et al., "Binarized Neural Networks", 2016). The best network met is kept.
"""

import numpy as np
import torch
from mlp import combinations, folder
from safetensors.numpy import save_file


def sign(z: torch.Tensor) -> torch.Tensor:
    """Return 1 where z > 0, else -1, with the gradient of z where |z| <= 1."""
    cut = z.clamp(-1, 1)
    return cut + (torch.where(z > 0, 1.0, -1.0) - cut).detach()


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    voters = combinations(*[2] * 9)
    carried = voters.reshape(-1, 3, 3).sum(axis=2) >= 2
    x, t = torch.tensor(2.0 * voters - 1), torch.tensor(carried.sum(axis=1) >= 2)
    generator = torch.Generator().manual_seed(1)
    weights = [torch.rand(*s, generator=generator, dtype=torch.float64) * 0.2 - 0.1 for s in ((5, 9), (1, 5))]
    optimizer = torch.optim.Adam([W.requires_grad_() for W in weights], lr=0.03)
    best, kept = 0, weights
    for _ in range(600):
        W, V = map(sign, weights)
        y = (sign(x @ W.T / 3) @ V.T)[:, 0]
        right = int(((y > 0) == t).sum())
        if right > best:
            best, kept = right, [W.detach(), V.detach()]
        loss = torch.nn.functional.softplus(torch.where(t, -y, y)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for weight in weights:
                weight.clamp_(-1, 1)
    print(f"electoral-college: 9-5-1, right on {best}/{len(x)} inputs")
    tensors = {f"{name}.weight": W.numpy().astype(np.int8) for name, W in zip("hy", kept, strict=True)}
    save_file(tensors, folder() / "electoral-college.safetensors")
