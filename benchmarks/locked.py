"""How long `check --locked` takes on a copy of the shipped specs, beside a check that decides everything.

    python benchmarks/locked.py

Seconds per spec in one process, start-up left out, loading and reading the lock left in.
"""

import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from verifier.cli.locking import write_locks
from verifier.engine.options import Options
from verifier.engine.outcome import Exit, worst
from verifier.run.check_run import check_run
from verifier.run.check_specs import check_specs
from verifier.run.find_specs import find_specs
from verifier.run.locked import locked_reports

SPECS = Path(__file__).parent.parent / "specs"


def main() -> None:
    """Print a line per spec, then the sums."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "specs"
        shutil.copytree(SPECS, copy)
        write_locks(check_run([str(copy)], Options()))
        started = time.perf_counter()
        whole = list(locked_reports([str(copy)], find_specs([str(copy)]), Options(), None, 1, None))
        together = time.perf_counter() - started
        assert worst(report.exit for report in whole) == Exit.OK
        assert not any(name == "z3" or name.startswith("verifier.smt") for name in sys.modules)
        print(f"{'check':>8} {'locked':>8}  spec")
        for path in find_specs([str(copy)]):
            seconds = []
            for decide in (
                lambda path=path: check_specs([path]),
                lambda path=path: list(locked_reports([path], [path], Options(), None, 1, None)),
            ):
                started = time.perf_counter()
                decide()
                seconds.append(time.perf_counter() - started)
            print(f"{seconds[0]:8.3f} {seconds[1]:8.3f}  {Path(path).relative_to(copy)}")
        print(f"all {len(whole)} specs locked, each lock read once: {together:.2f} s")


if __name__ == "__main__":
    main()
