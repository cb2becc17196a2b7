"""What does a run cost beside `import z3`? Wall milliseconds of whole processes, the least of several runs.

    python benchmarks/startup.py [--runs N]

Prints the cost of `python -c pass`, of importing z3, of importing the libraries that every run needs, of
`verifier --help` and `verifier check specs/xor.circuit.yaml`, and the ratio
(check - the table method's own time) / (import z3). The table method's own time is taken inside the process:
importing the method with what only it needs (numpy, flint), listing the domain, deciding every check, and
listing all explanations, as this spec expects something of the list.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
SPEC = "specs/xor.circuit.yaml"
OWN_TIME = f"""
import time
started = time.perf_counter()
import numpy
own = time.perf_counter() - started
from verifier.spec import load
from verifier.claim import Claim
spec = load({SPEC!r})
started = time.perf_counter()
from verifier.engine.verify import Subject
from verifier.engine.options import Options
from verifier.run.enumerate_spec import enumerate_spec, guard_options
subject = Subject(spec.network, spec.domain, spec.decoding, "table")
for entry in spec.entries:
    claim = Claim(spec.network, spec.domain, spec.decoding, entry.explanation)
    for check, _ in entry.checks:
        subject.verify(claim, check)
enumerate_spec(spec, guard_options(Options("table")))
print(own + time.perf_counter() - started)
"""
LIBRARIES = "import click, ruamel.yaml, lark, msgspec"
CODE = ("pass", "import z3", LIBRARIES, "import numpy")


def wall(words: list[str], runs: int) -> float:
    """Return the least wall time of a process in milliseconds."""
    best = float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=True
        )
        best = min(best, 1000 * (time.perf_counter() - started))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    cost = {f"python -c '{code}'": wall(["-c", code], runs) for code in CODE}
    cost["verifier --help"] = wall(["-m", "verifier", "--help"], runs)
    check = wall(["-m", "verifier", "check", SPEC], runs)
    cost[f"verifier check {SPEC}"] = check
    for what, milliseconds in cost.items():
        print(f"{milliseconds:8.1f} ms  {what}")
    own = min(float(_output(OWN_TIME)) for _ in range(runs)) * 1000
    z3 = cost["python -c 'import z3'"]
    print(f"{own:8.1f} ms  the table method's own time")
    print(f"ratio: ({check:.1f} - {own:.1f}) / {z3:.1f} = {(check - own) / z3:.2f}")


def _output(code: str) -> str:
    words = [sys.executable, "-c", code]
    return subprocess.run(words, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
