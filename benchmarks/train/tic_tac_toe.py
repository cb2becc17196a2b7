"""Tic-tac-toe endgame → specs/gallery/tic-tac-toe.csv, tic-tac-toe{,-one-unit}.safetensors.

The 958 boards at which a game that x began has ended, found by playing all games; has x three in a row?
This is the data set of D. Aha (UCI Machine Learning Repository, 1991). A square is three bits: x, o, empty.
"""

import numpy as np
from mlp import folder, report, save, train, write_rows

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]
SQUARES = ["tl", "tm", "tr", "ml", "mm", "mr", "bl", "bm", "br"]
NAMES = [f"{square}_{mark}" for square in SQUARES for mark in ("x", "o", "empty")]


def wins(board: str, player: str) -> bool:
    """Return whether a player has three in a row."""
    return any(all(board[i] == player for i in line) for line in LINES)


def final_boards() -> list[str]:
    """Return all boards at which a game ends, sorted; `.` is an empty square."""
    games, final = {"." * 9}, set()
    for turn in range(10):
        ended = {board for board in games if turn == 9 or wins(board, "x") or wins(board, "o")}
        final |= ended
        games = {
            board[:i] + "xo"[turn % 2] + board[i + 1 :]
            for board in games - ended
            for i in range(9)
            if board[i] == "."
        }
    return sorted(final)


if __name__ == "__main__":
    boards = final_boards()
    x = np.array([[square == mark for square in board for mark in "xo."] for board in boards], dtype=int)
    won = [wins(board, "x") for board in boards]
    write_rows(folder() / "tic-tac-toe.csv", NAMES, x)
    for name, width, seed in (("tic-tac-toe", 8, 0), ("tic-tac-toe-one-unit", 1, 0)):
        layers = train(x, won, [width], seed=seed, l1=3e-4)
        report(name, layers, x, won)
        save(folder() / f"{name}.safetensors", layers)
