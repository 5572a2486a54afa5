"""What Modbus devices say when they refuse, in words."""

from typing import Final

# Modbus Application Protocol V1.1b3, section 7.
EXCEPTIONS: Final = {
    1: "function not supported",
    2: "no such address",
    3: "illegal value",
    4: "device failure",
    5: "acknowledged, still busy",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}


def refusal(code: int) -> str:
    """`exception 2 (no such address)`."""
    return f"exception {code} ({EXCEPTIONS.get(code, 'unknown')})"
