"""Text from outside → text that shows what is in it: one line, in the order in which it is written."""

import re

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """Return a text with everything escaped that ends a line, steers a terminal or turns writing round.

    Those are the control characters of Unicode (category Cc), the two separators U+2028 and U+2029, and the
    explicit directions of Unicode Standard Annex 9.

    >>> print(visible("a title\\n\\x1b[32m9 proved \\u202e"))
    a title\\n\\x1b[32m9 proved \\u202e
    """
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def visible_lines(text: str) -> str:
    """Return a text of several lines with everything but their ends escaped."""
    return "\n".join(map(visible, text.split("\n")))
