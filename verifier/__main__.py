"""argv → exit code."""

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(50_000)  # most of what a run makes stays: looking for garbage was a tenth of a short one
    from verifier.cli import run

    code = run(sys.argv[1:])
    gc.freeze()  # nor is any looked for on the way out
    sys.exit(code)


if __name__ == "__main__":
    main()
