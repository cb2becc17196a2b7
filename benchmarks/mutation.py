"""Mutation scores of the shipped specs: how many changes of each proved explanation its checks refute.

python benchmarks/mutation.py [SPEC...]

Prints the table of specs/README.md, and on standard error the seconds of this process's clock per spec. It
takes about 40 s on one core.
"""

import sys
from pathlib import Path
from time import perf_counter

from verifier import mutate_spec
from verifier.engine.mutation.outcome import Mutated

SPECS = Path(__file__).parents[1] / "specs"


def score(each: Mutated) -> str:
    """Return name and score of an explanation, marked if checks were left out, and what it is a sample of."""
    sample = f" (a sample of {each.total})" if each.total > len(each.fates) else ""
    mark = "*" if each.refuted else ""
    return f"{each.claim.explanation.name}{mark} {each.killed}/{each.counted}{sample}"


def main() -> None:
    """Print one row per spec."""
    paths = [Path(path) for path in sys.argv[1:]]
    for path in paths or [
        *sorted(SPECS.glob("*.circuit.yaml")),
        *sorted(SPECS.glob("gallery/*.circuit.yaml")),
    ]:
        started = perf_counter()
        report = mutate_spec(str(path))
        name = path.resolve().relative_to(SPECS.resolve()).as_posix().removesuffix(".circuit.yaml")
        print(f"| `{name}` | {', '.join(map(score, report.mutated))} |", flush=True)
        print(f"{name}: {perf_counter() - started:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
