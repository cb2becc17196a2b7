"""The ten digits of a seven-segment display → specs/gallery/led-digits.csv and led-digits.safetensors.

The segments are those of the LED display domain of Breiman et al., "Classification and Regression Trees",
1984 (UCI Machine Learning Repository), in its order, without its noise: top, upper left, upper right,
middle, lower left, lower right, bottom. There is one output per digit, and weights and biases are multiples
of 1/2.
"""

import numpy as np
from mlp import folder, report, save, train, write_rows

SEGMENTS = ["top", "up_left", "up_right", "middle", "low_left", "low_right", "bottom"]
DIGITS = [
    "1110111",
    "0010010",
    "1011101",
    "1011011",
    "0111010",
    "1101011",
    "1101111",
    "1010010",
    "1111111",
    "1111011",
]

if __name__ == "__main__":
    x = np.array([list(map(int, digit)) for digit in DIGITS])
    write_rows(folder() / "led-digits.csv", SEGMENTS, x)
    layers = train(
        x, np.eye(10), [7], seed=11, activation="hard_tanh", l1=5e-4, saturate=0.3, grid=0.5, steps=6000
    )
    report("led-digits", layers, x, np.eye(10), "hard_tanh")
    save(folder() / "led-digits.safetensors", layers)
