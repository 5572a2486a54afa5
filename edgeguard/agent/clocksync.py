"""Is this machine's clock kept by a time server? Asked of the Linux kernel, which every time service tells."""

import ctypes
from collections.abc import Callable

from edgeguard.contract import Clock

# <linux/timex.h>: the return value of adjtimex for a clock that is not synchronised, and bits of `status`.
_TIME_ERROR = 5
_STA_PLL, _STA_UNSYNC, _STA_NANO = 0x0001, 0x0040, 0x2000


class Timex(ctypes.Structure):
    """`struct timex`; with `modes` 0 the call only reads and needs no privilege."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("pps", ctypes.c_long * 2),
        ("shift", ctypes.c_int),
        ("counts", ctypes.c_long * 5),
        ("tai", ctypes.c_int),
        ("padding", ctypes.c_int * 11),
    )


Adjtimex = Callable[[Timex], int]


def _kernel(timex: Timex) -> int:
    """Raise OSError or AttributeError where there is no such call, or a sandbox forbids it."""
    answer: int = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    return answer


def read_clock(adjtimex: Adjtimex = _kernel) -> Clock | None:
    """Whether the clock is synchronised; None where the kernel does not say.

    `offset_ms` is what the kernel still has to correct: known only while its own control loop does that
    (systemd-timesyncd, ntpd), not under chrony, which corrects by itself.
    """
    timex = Timex()
    try:
        answer = adjtimex(timex)
    except (OSError, AttributeError):
        return None
    if answer < 0:
        return None
    if answer == _TIME_ERROR or timex.status & _STA_UNSYNC:
        return Clock(synced=False)
    if not timex.status & _STA_PLL:
        return Clock(synced=True)
    per_ms = 1e6 if timex.status & _STA_NANO else 1e3
    return Clock(synced=True, offset_ms=round(timex.offset / per_ms, 3))
