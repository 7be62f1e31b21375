"""Asking until something is as it should be: again and again, but not for ever."""

import time
from collections.abc import Iterator


def rounds(limit: float, pause: float) -> Iterator[int]:
    """Count, with a pause in between, until the limit has passed; both are seconds."""
    end = time.monotonic() + limit
    number = 0
    while True:
        yield number
        if time.monotonic() >= end:
            return
        time.sleep(pause)
        number += 1
