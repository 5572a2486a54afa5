"""Records episodes until it is killed, and prints each seq once it was told that it is durable."""

import sys
from pathlib import Path

from edgeguard.journal import Journal, OutboxKind
from edgeguard.types import Phase
from tests.support.events import draft, episode_id


def main() -> None:
    with Journal(Path(sys.argv[1]), "s1", "b1") as journal:
        base = journal.tail().seq
        while True:
            event_id = episode_id(base + journal.tail().seq)
            for phase in (Phase.NEW, Phase.UPDATE, Phase.END):
                event = journal.record(draft(event_id, phase))
                print(event.data.seq, event.id, flush=True)
            journal.enqueue("picture", bytes(20_000), kind=OutboxKind.PICTURE, event_id=event_id)


if __name__ == "__main__":
    main()
