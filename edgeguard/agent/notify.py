"""Tells systemd how the box is, by its notification protocol: one datagram of NAME=VALUE lines, see sd_notify(3)."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress

# Models are loaded and phrases decoded while a changed site file is applied.
RELOAD_S = 60


class Notifier:
    """Silent where nobody listens: `NOTIFY_SOCKET` is not set. A missing listener is never an error."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the zero byte of an abstract address.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._watchdog_us = environ.get("WATCHDOG_USEC", "")

    def ready(self) -> None:
        """Started, or done with reloading."""
        self._send("READY=1", *([f"WATCHDOG_USEC={self._watchdog_us}"] if self._watchdog_us else []))

    def alive(self, status: str) -> None:
        """To be sent more often than every `WatchdogSec`; `status` is one line for a person."""
        self._send("WATCHDOG=1", f"STATUS={status}")

    def reloading(self) -> None:
        """`ready` follows within `RELOAD_S`; until then nobody needs to hear that the box lives."""
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        longer = [f"WATCHDOG_USEC={RELOAD_S * 1_000_000}"] if self._watchdog_us else []
        self._send("RELOADING=1", f"MONOTONIC_USEC={now_us}", *longer)

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            # Whoever should listen may hang: the box goes on.
            out.setblocking(False)
            out.sendto("\n".join(lines).encode(), self._address)
