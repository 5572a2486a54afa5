"""The journal survives kill -9 at any moment: what was said to be durable is there, and there is no hole."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from edgeguard.contract import Event
from edgeguard.journal import Journal, OutboxKind

ROOT = Path(__file__).parents[2]
KILLS = 20


def record_until_killed(path: Path, seconds: float) -> list[str]:
    """Return the lines the recorder printed before it was killed."""
    command = [sys.executable, "-m", "tests.journal.recorder", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]  # it has begun
        time.sleep(seconds)
        process.kill()
        lines += process.stdout.readlines()
    return [line for line in lines if line.endswith("\n")]


def test_nothing_is_lost_and_no_hole_over_twenty_kills(tmp_path: Path) -> None:
    path, chance = tmp_path / "journal.sqlite3", random.Random(20)
    told = [line for _ in range(KILLS) for line in record_until_killed(path, chance.uniform(0.0, 0.2))]
    assert len(told) >= KILLS
    with Journal(path, "s1", "b1") as journal:
        rows = journal.pending(1_000_000)
        last = journal.tail().seq
    events = [Event.from_json(row.payload) for row in rows if row.kind is OutboxKind.EVENT]
    stored = {event.data.seq: event.id for event in events}
    assert sorted(stored) == list(range(1, last + 1))
    assert len(set(stored.values())) == last
    for line in told:
        seq, event_id = line.split()
        assert stored[int(seq)] == event_id
