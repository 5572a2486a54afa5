"""Whether a host can be reached at all: asked after an opening failed, to tell its reason."""

import socket
from dataclasses import dataclass

from edgeguard.errors import Fault


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Why not."""

    fault: Fault
    reason: str


def unreachable(host: str, port: int, within_s: float) -> Unreachable | None:
    """Try to connect by TCP; None where somebody listens. An unknown name may take longer than `within_s`."""
    try:
        socket.create_connection((host, port), within_s).close()
    except socket.gaierror as error:
        return Unreachable(Fault.UNKNOWN_HOST, f"no such host name, or no name server ({_first(error)})")
    except TimeoutError:
        return Unreachable(Fault.UNREACHABLE, "the host does not answer: off, or another address")
    except ConnectionRefusedError:
        return Unreachable(Fault.REFUSED, "connection refused: nothing listens there")
    except OSError as error:
        return Unreachable(Fault.UNREACHABLE, f"no way to this host ({_first(error)})")
    return None


def _first(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
