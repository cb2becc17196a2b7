"""How much the random tests try: the everyday amount from a fixed seed, or `HYPOTHESIS_PROFILE=more`."""

import os
import time

from hypothesis import Phase

MORE = os.environ.get("HYPOTHESIS_PROFILE") == "more"
EXAMPLES = 4000 if MORE else 400
SEED = time.time_ns() if MORE else 0
PHASES = [Phase.generate, Phase.shrink] if MORE else [Phase.generate]  # shrinking takes minutes
