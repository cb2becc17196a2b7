"""How fast are complete lists, and what do proofs, audits and interruptions cost?

    python benchmarks/enumeration.py [xor|parity|family|large|resume|all]

xor     every list of the XOR network, with its statement and the auditor's verdict
parity  growth of the decomposed and of the plain loop, against a join that proves nothing; with a plot
family  9,220 to 108,120 single features of random networks: found, proved, audited
large   243,440 explanations: time, memory, rate, audit
resume  20 runs killed at random moments and resumed

Times of one run on one machine; only the ratios mean anything. The exit code is 1 if a count, a verdict or a
digest is wrong, whatever the times are.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import enumeration_parity
import enumeration_resume
from enumeration_lists import family, large
from enumeration_runs import Findings, footer, run, xor_spec

SECTIONS = ("xor", "parity", "family", "large", "resume")
XOR = {
    "-2..2": ((2, 1), (8, 2), (64, 8)),
    "-1..1": ((0, 0), (8, 2), (64, 8)),
    "any": ((2, 1), (8, 2), (64, 8)),
}


def xor(findings: Findings, folder: Path) -> None:
    """List the explanations of the XOR network in nine spaces, and audit each list."""
    print(f"{'coefficients':13}{'k':>2} {'count':>6} {'classes':>8}  {'audit':7} statement")
    for coefficients, expected in XOR.items():
        for k, counts in enumerate(expected, start=1):
            name = f"xor, coefficients {coefficients}, k = {k}"
            path = xor_spec(folder / "xor.circuit.yaml", k, coefficients)
            target = folder / "xor.jsonl"
            listed = run("enumerate", path, "--certificate", target, "--force", "--show", 0)
            told, audit = footer(target), run("audit", target, "--spec", path)
            verdict = audit.first.partition(":")[0]
            got = told.get("complete"), told.get("count"), told.get("classes")
            statement = next(line for line in listed.output.splitlines() if line.startswith("complete "))
            print(f"{coefficients:13}{k:2} {got[1]:6} {got[2]:8}  {verdict:7} {statement}", flush=True)
            findings.check(f"{name}, complete, count and classes", (True, *counts), got)
            findings.check(f"{name}, audit", (0, "valid"), (audit.code, verdict))
            wanted = "complete for all integers" if coefficients == "any" else "complete for coefficients"
            findings.check(f"{name}, statement", True, wanted in listed.output)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", nargs="?", choices=[*SECTIONS, "all"], default="all")
    chosen = parser.parse_args().section
    findings = Findings()
    with tempfile.TemporaryDirectory() as name:
        for section in SECTIONS if chosen == "all" else (chosen,):
            print(f"== {section}", flush=True)
            folder = Path(name) / section
            folder.mkdir()
            if section == "xor":
                xor(findings, folder)
            elif section == "parity":
                enumeration_parity.benchmark(findings)
            elif section == "family":
                family(findings, folder)
            elif section == "large":
                large(findings, folder)
            else:
                enumeration_resume.benchmark(findings, folder)
            print()
    print(findings)
    return 1 if findings.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
