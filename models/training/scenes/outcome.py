"""How a command ends, also where what it needs is not installed: this module gets by with Python alone."""

import sys
from collections.abc import Callable
from typing import Final

NEEDS: Final = "Python 3.11 with: pip install bpy==4.2.23 numpy opencv-python-headless pyyaml av"


def ended(command: Callable[[], str]) -> int:
    """Prints what came of it, or on standard error what it could not use; the exit status, 0 or 2."""
    try:
        print(command())
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing: needs {NEEDS}", file=sys.stderr)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
    else:
        return 0
    return 2
