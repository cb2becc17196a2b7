"""Tables of values: wide layers and long sums are cut, what differs never is."""

import re

from rich.table import Table

from verifier import Explanation, Layer, Network, check
from verifier.report.describe import MOST_UNITS
from verifier.report.text import trace_table
from verifier.verdict import Refuted


def rows(width: int) -> list[tuple[str, str]]:
    """Return value and definition of each row about x = 1, refuting y = ~x1 of copies of x1 added up."""
    copies = Layer.of("h", [[1]] * width, None, "relu")
    network = Network([copies, Layer.of("y", [[1] * width], None, "identity")])
    claim = Explanation.of(network, {"y": "~x1"}, name="negated")
    result = check(network, claim, output="y > 1/2")["behavior"]
    assert isinstance(result.verdict, Refuted)
    table: Table = trace_table(result.traces[0][1])
    return list(zip(*(list(column.cells) for column in table.columns[:2]), strict=True))  # type: ignore[arg-type]


def test_units_of_a_layer_get_a_line_each_up_to_a_limit() -> None:
    assert [name for name, _ in rows(MOST_UNITS)] == [
        "x1", *(f"h{i + 1}" for i in range(MOST_UNITS)), "y", "y"
    ]  # fmt: skip
    wide = rows(MOST_UNITS + 1)
    assert [name for name, _ in wide] == ["x1", f"h1..h{MOST_UNITS + 1}", "y", "y"]
    assert wide[1][1].startswith(f"{MOST_UNITS + 1} units")


def test_long_sums_are_cut_in_the_middle() -> None:
    assert all("…" not in definition for _, definition in rows(MOST_UNITS))
    (long,) = [definition for _, definition in rows(200) if definition.startswith("identity")]
    assert long.startswith("identity(h1 + h2")
    assert " … " in long
    assert len(long) < 500


def test_long_numbers_are_rounded_and_said_to_be() -> None:
    last = Layer.of("y", [[1]], None, "identity")
    network = Network([Layer.of("h", [[0.1, 1.0]], [0.5], "relu"), last])
    claim = Explanation.of(network, {"y": "x1 & x2"})
    table = trace_table(check(network, claim, output="y > 1/4")["behavior"].traces[0][1])
    cells = [[str(cell) for cell in column.cells] for column in table.columns]
    assert "≈ relu(0.1*x1 + x2 + 1/2 = 1/2)" in cells[1]
    assert not any("360287970189639" in cell for column in cells for cell in column)
    assert "json" in str(table.caption)
    exact = [Layer.of("h", [["1/10", 1]], ["1/2"], "relu"), last]
    told = trace_table(check(Network(exact), claim, output="y > 1/4")["behavior"].traces[0][1])
    assert told.caption is None


def test_long_whole_numbers_of_a_direction_are_rounded() -> None:
    """What mediation leaves out is told by a direction of whole numbers, which floats make long."""
    hidden = Layer.of("h", [[1, 0], [0, 1], [1, 1]], None, "relu")
    network = Network([hidden, Layer.of("y", [[0.1, 0.7, 0.3]], [-0.35], "step")])
    claim = Explanation.of(network, {"a": "x1 ^ x2 @ h1 - 3*h2", "y": "x2"})
    told = repr(check(network, claim, checks=["mediation"]))
    assert "moving along ≈ " in told
    assert not re.search("[0-9]{13}", told)
