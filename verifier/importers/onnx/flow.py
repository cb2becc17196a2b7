"""Operations, one after the other → steps: affine maps are gathered until an activation needs them."""

from collections.abc import Sequence
from fractions import Fraction
from math import prod

from verifier.errors import input_error
from verifier.importers.onnx.lengths import check_short, total
from verifier.importers.onnx.reach import ANYTHING, Interval, activated, combined, scaled
from verifier.importers.steps import Affine, Step
from verifier.importers.tensors import MAX_NUMBERS
from verifier.network import ONE, ZERO, Activation, Row

Cut = tuple[Fraction, bool]
"""Where a staircase goes up by 1, and whether at equality already."""
_STEPS = (
    "a quantised number takes up to 255 steps; inputs that are bits need not be quantised: leave them out"
)


class Flow:
    """The tensor on its way from the input to the output.

    With h what the last activation gives (or the input), it is scale · (W h) + shift, entry by entry; without
    a `W` it is scale · h + shift. Its axes are flattened in row-major order, the batch axis left out.
    """

    def __init__(self, shape: tuple[int, ...], batch: int | None, kind: str) -> None:
        self.shape = shape
        self.batch = batch
        self.type = kind
        """The type of the numbers that a runtime would hold here."""
        self.output: str | None = None
        """The decoding that the end of the graph means, where it means one."""
        self.reach: list[Interval] = [ANYTHING] * self.width
        """What each entry can be."""
        self._steps: list[Step] = []
        self._numbers = 0
        self._W: list[Row] | None = None
        self._scale, self._shift = [ONE] * self.width, [ZERO] * self.width
        self._place = "the input"

    @property
    def width(self) -> int:
        """The number of entries."""
        return prod(self.shape)

    def matrix(self, W: Sequence[Row], place: str) -> None:
        """Multiply by a matrix with one row per entry of the result.

        Raises:
            InputError: E301, for rows of another length; E306, for too many numbers; E104, for numbers of
                too many digits.
        """
        if self.shape != (len(W[0]),):
            shape = ", ".join(map(str, self.shape))
            raise input_error("E301", f"takes {len(W[0])} numbers, but is given [N, {shape}]")
        if self._W is not None:
            self._settle()
        self.reach = [combined(row, self.reach) for row in W]
        self._shift = check_short(
            total(w * c for w, c in zip(row, self._shift, strict=True) if c) for row in W
        )
        self._W = [tuple(w * a for w, a in zip(row, self._scale, strict=True)) for row in W]
        self._scale, self.shape, self._place = [ONE] * len(W), (len(W),), place

    def elementwise(self, scale: Sequence[Fraction], shift: Sequence[Fraction]) -> None:
        """Multiply each entry by a number, and add one.

        Raises:
            InputError: E306, for too many numbers; E104, for too many digits.
        """
        self._count(16 * self.width)  # slow: three operations on numbers that may be long
        self.reach = [scaled(v, a, c) for v, a, c in zip(self.reach, scale, shift, strict=True)]
        self._shift = check_short(a * v + c for v, a, c in zip(self._shift, scale, shift, strict=True))
        self._scale = check_short(a * v for v, a in zip(self._scale, scale, strict=True))

    def activate(self, activation: Activation, place: str) -> None:
        """Apply an activation to each entry."""
        if self._W is None:
            self._place = place
        self._settle()
        self._steps.append(activation)
        self.reach = [activated(activation, interval) for interval in self.reach]

    def staircase(self, cuts: Sequence[Sequence[Cut]], place: str) -> None:
        """Replace each entry v by the number of its cuts t with v > t, or v >= t where the cut says so.

        A `step` with `tie: 0` is [z > 0]: a cut that counts at equality is 1 - [t - v > 0]. The steps of an
        entry are added up by an affine map, which is left to what follows. Cuts beyond what the entry can
        reach need no unit.
        """
        always = [
            Fraction(sum(_always(cut, interval) for cut in entry))
            for entry, interval in zip(cuts, self.reach, strict=True)
        ]
        units = [
            (i, cut)
            for i, (entry, interval) in enumerate(zip(cuts, self.reach, strict=True))
            for cut in entry
            if not _always(cut, interval) and not _never(cut, interval)
        ]
        if not units:
            self.elementwise([ZERO] * self.width, always)
            return
        self._count(len(units) * (self._inputs + 1) + self.width * len(units), _STEPS)
        signs = [-ONE if equal else ONE for _, (_, equal) in units]
        rows = [tuple(s * w for w in self._row(i)) for s, (i, _) in zip(signs, units, strict=True)]
        b = check_short(s * (self._shift[i] - t) for s, (i, (t, _)) in zip(signs, units, strict=True))
        below = self._place if self._W is not None else place
        self._steps += [Affine(tuple(rows), tuple(b), below), Activation("step", tie=0)]
        of = [
            [s if i == j else ZERO for s, (i, _) in zip(signs, units, strict=True)] for j in range(self.width)
        ]
        self._W, self._place = list(map(tuple, of)), place
        self._scale = [ONE] * self.width
        self._shift = [a + row.count(-ONE) for a, row in zip(always, of, strict=True)]
        self.reach = [(a, a + len(row) - row.count(ZERO)) for a, row in zip(always, of, strict=True)]

    def finish(self) -> tuple[Step, ...]:
        """Return the steps, the pending map among them."""
        neutral = self._W is None and all(a == 1 for a in self._scale) and not any(self._shift)
        if not self._steps or not neutral:
            self._settle()
        return tuple(self._steps)

    @property
    def _inputs(self) -> int:
        """How many numbers the pending map takes."""
        return self.width if self._W is None else len(self._W[0])

    def _row(self, i: int) -> Row:
        """Return a row of the matrix of the pending map."""
        a = self._scale[i]
        if self._W is None:
            return tuple(a if i == j else ZERO for j in range(self.width))
        return tuple(check_short(a * w for w in self._W[i]))

    def _settle(self) -> None:
        """Make a step of the pending map, and begin one that changes nothing."""
        self._count(self.width * (self._inputs + 1))
        rows = tuple(self._row(i) for i in range(self.width))
        self._steps.append(Affine(rows, tuple(self._shift), self._place))
        self._W = None
        self._scale, self._shift = [ONE] * self.width, [ZERO] * self.width

    def _count(self, numbers: int, hint: str = "") -> None:
        """Count the numbers of the network, and what is done to them, before it is done."""
        self._numbers += numbers
        if self._numbers > MAX_NUMBERS:
            message = f"up to here the network has {self._numbers} weights or more; {MAX_NUMBERS} are read"
            raise input_error("E306", message, hint)


def _always(cut: Cut, interval: Interval) -> bool:
    (t, equal), (low, _) = cut, interval
    return low is not None and (low >= t if equal else low > t)


def _never(cut: Cut, interval: Interval) -> bool:
    (t, equal), (_, high) = cut, interval
    return high is not None and (high < t if equal else high <= t)
