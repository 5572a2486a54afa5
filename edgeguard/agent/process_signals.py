"""What the operating system signals, told on a thread of its own.

A handler interrupts whatever the main thread is at: half a line of the log, a lock that is held. It may neither log nor
set an event, so it does nothing here; the interpreter itself writes the number into a pipe, and a thread reads that.
"""

import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

MOST_AT_ONCE = 64


@contextmanager
def told(numbers: Collection[int], then: Callable[[int], None]) -> Iterator[None]:
    """Until it ends `then` is called with each of these signals; after that they do nothing. Needs the main thread."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in numbers:
        signal.signal(number, _nothing)
    reader = threading.Thread(target=_tell, args=(reading, numbers, then), name="signals", daemon=True)
    reader.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)
        reader.join()
        os.close(reading)


def _nothing(*_: object) -> None:
    pass


def _tell(reading: int, numbers: Collection[int], then: Callable[[int], None]) -> None:
    while met := os.read(reading, MOST_AT_ONCE):
        for number in met:
            if number in numbers:
                then(number)
