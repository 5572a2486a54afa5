"""A box that stays connected until it is killed: `python -m tests.uplink.box JOURNAL PORT`."""

import sys
import threading
from pathlib import Path

from edgeguard.contract import Birth, Software
from edgeguard.journal import Journal
from edgeguard.uplink import Uplink, UplinkConfig


def main() -> None:
    config = UplinkConfig(host="127.0.0.1", port=int(sys.argv[2]), insecure_lab=True)

    def birth(bd_seq: int) -> Birth:
        return Birth(software=Software(version="0"), boot_id="boot", bd_seq=bd_seq)

    with Journal(Path(sys.argv[1]), "s1", "b1") as journal, Uplink(config, journal, birth):
        threading.Event().wait()


if __name__ == "__main__":
    main()
