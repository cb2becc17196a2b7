"""What was decided about specs → `verifier.lock` and back: values, digests, and what changed since."""
