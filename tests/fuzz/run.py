"""python tests/fuzz/run.py SECONDS [TARGET...]: read mutants of the corpus; what breaks is added to it.

With `--atheris` (Linux, `pip install atheris`) one target is fuzzed guided by what its inputs cover.
"""

import resource
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

CASE_S = {"check": 60.0}
MEMORY = 4 * 2**30


class SlowError(BaseException):
    """A case that took too long; no `except Exception` of a reader hides it."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise SlowError when the time is up."""

    def stop(*_: object) -> None:
        raise SlowError(f"a case took more than {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fuzz(name: str, seconds: float, seed: int) -> tuple[int, list[tuple[bytes, str]]]:
    """Return how many mutants were read in so many seconds, and those that broke, each with the trace.

    One in four mutants is a mutant of a mutant.
    """
    from fuzz.mutate import mutant
    from fuzz.targets import run, seeds

    rng, first = Random(seed), seeds(name)
    later: list[bytes] = []
    count, broken = 0, []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutant(rng, name, later if later and rng.random() < 0.25 else first)
        if len(data) < 50_000 and rng.random() < 0.02:
            later = [*later[-200:], data]
        count += 1
        try:
            with limited(CASE_S.get(name, 10)):
                run(name, data)
        except (Exception, SlowError):
            broken.append((data, traceback.format_exc()))
    return count, broken


def _main(words: list[str]) -> int:
    from fuzz.targets import TARGETS, corpus, keep

    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    names, failed, seed = words[1:] or list(TARGETS), 0, time.time_ns() % 2**32
    for name in names:
        count, broken = fuzz(name, float(words[0]) / len(names), seed)
        traces = {trace.rpartition("File")[2]: (data, trace) for data, trace in sorted(broken, reverse=True)}
        print(f"{name}: {count} inputs, {len(broken)} broke in {len(traces)} places (seed {seed})")
        for data, trace in traces.values():
            print(f"{data[:2000]!r}\n{trace}")
        keep(name, corpus(name) + [data for data, _ in traces.values()])
        failed += len(traces)
    return 1 if failed else 0


def _guided(words: list[str]) -> None:
    """Run libFuzzer on a target: words are its name and libFuzzer's own."""
    import atheris

    with atheris.instrument_imports(include=["verifier"]):
        from fuzz.targets import run
    from fuzz.mutate import mutant

    name, *rest = words

    def vary(data: bytes, most: int, seed: int) -> bytes:
        if seed % 2:
            return atheris.Mutate(data, most)
        return mutant(Random(seed), name, [data or b"0"])[:most]

    def one(data: bytes) -> None:
        with limited(CASE_S.get(name, 10)):
            run(name, data)

    atheris.Setup([sys.argv[0], *rest], one, custom_mutator=vary)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--atheris"]:
        _guided(sys.argv[2:])
    sys.exit(_main(sys.argv[1:]))
