import sys

from edgeguard.cli import main

if __name__ == "__main__":
    sys.exit(main())
