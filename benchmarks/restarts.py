# ruff: noqa: INP001  # a script, not a package
"""A box that is killed and stopped at random moments of an episode, again and again: is anything lost or told twice?

`python benchmarks/restarts.py [--times 50] [--json]`, in an environment with the dev extra and with mosquitto.
The gap is from the kill of a process that was looking to the first picture in which the next one sees the e-bike
again; that is started `--pause` seconds after the end of the other, as the unit in deploy/ does. Gaps in which the next
process was killed while it still started are not among them. `start_cpu_s` is what a start costs whatever else runs.
"""

import argparse
import dataclasses
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from edgeguard.contract import Event
from edgeguard.types import Phase
from tests.conftest import constant_network, write_manifest
from tests.support.mosquitto import Listener, Mosquitto, wait_for

EBIKE = np.array([[[8, 8, 40, 56, 0.9, 1]]], np.float32)
INSIDE_S = 3.0  # the episode goes on for up to so long before the next end


@dataclass(frozen=True, slots=True)
class Result:
    """`holes` numbers that never came; `repeated` phases of an episode that came more than once, or not at all."""

    restarts: int
    killed: int
    during_start: int
    episodes: int
    restarts_told: int
    events: int
    holes: int
    repeated: int
    gaps: int
    gap_p50_s: float
    gap_p95_s: float
    gap_max_s: float
    stop_max_s: float
    start_cpu_s: float


class Run:
    """One box, its broker and who listens."""

    def __init__(self, folder: Path, pause_s: float, seed: int) -> None:
        self._folder = folder
        self._pause_s = pause_s
        self._random = random.Random(seed)  # noqa: S311 - moments, no secrets
        self._broker = Mosquitto(folder / "broker")
        self._site = folder / "site.yaml"
        self._log = (folder / "box.log").open("ab")
        network = constant_network(EBIKE, (1, 3, 64, 64))
        (folder / "tiny.onnx").write_bytes(network)
        write_manifest(folder, {"sha256": hashlib.sha256(network).hexdigest()})
        self._stops_s: list[float] = []
        self._ends_s: list[float] = []
        self._deaths_s: list[float] = []
        self._during_start = self._killed = 0

    def __enter__(self) -> Self:
        self._broker.start()
        self._listener = Listener(self._broker.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._broker.stop()
        self._log.close()

    def measure(self, times: int) -> Result:
        self._write_site(duration_s=None)
        for number in range(times):
            self._one(number)
            print(f"\r{number + 1}/{times}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        self._write_site(duration_s=3.0)
        self._start().wait(60)
        wait_for(lambda: any(event.data.end_reason == "end_of_recording" for event in self._events()), "the end", 30)
        return self._result(times)

    def _one(self, number: int) -> None:
        """One life; a quarter of them ends while the box still starts."""
        box = self._start()
        seen = len(self._sightings())
        if self._random.random() < 0.25 and number:
            self._during_start += 1
            time.sleep(self._random.uniform(0, 1.5))
        else:
            wait_for(lambda: len(self._sightings()) > seen, "the e-bike seen again", 30)
            time.sleep(self._random.uniform(0, INSIDE_S))
        looking = len(self._sightings()) > seen
        began_s = time.time()
        if self._random.random() < 0.5:
            self._killed += 1
            box.kill()
        else:
            box.send_signal(signal.SIGTERM)
        self._deaths_s.append(began_s)
        box.wait(10)
        self._stops_s.append(time.time() - began_s)
        if looking:
            self._ends_s.append(began_s)
        time.sleep(self._pause_s)

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "edgeguard", "run", "-c", str(self._site)]
        return subprocess.Popen(command, stdout=self._log, stderr=self._log)  # noqa: S603 - this very program

    def _start_cpu_s(self) -> float:
        """Of a check, which loads and builds all that a start does."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "edgeguard", "run", "-c", str(self._site), "--check"]
        subprocess.run(command, check=True, stdout=self._log, stderr=self._log)  # noqa: S603 - this very program
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def _write_site(self, duration_s: float | None) -> None:
        source = {"kind": "synthetic", "duration_s": duration_s}
        site = {
            "site": "bench",
            "box": "box-1",
            "data_dir": "data",
            "models_dir": str(self._folder),
            "cameras": [{"id": "lift-a", "model": "tiny", "source": source}],
            "voice": {"output": {"kind": "file", "path": str(self._folder / "voice.wav")}, "languages": ["zh"]},
            "uplink": {"host": "127.0.0.1", "port": self._broker.port, "insecure_lab": True},
        }
        self._site.write_text(yaml.safe_dump(site), "utf-8")

    def _events(self) -> list[Event]:
        return [Event.from_json(payload) for payload in self._listener.on("/event/")]

    def _sightings(self) -> list[float]:
        """When each life saw the e-bike for the first time; Unix seconds, each event once."""
        told = {event.id: event for event in self._events() if event.data.code == "LIFT.EBIKE.ENTER"}
        seen = (e for e in told.values() if e.data.decision and e.data.decision.reason in {"confirmed", "seen_again"})
        return sorted(event.time.timestamp() for event in seen)

    def _result(self, times: int) -> Result:
        events = {event.id: event for event in self._events()}
        numbers = {event.data.seq for event in events.values()}
        phases = Counter((event.subject, event.data.phase) for event in events.values())
        episodes = {event.subject: event.data.code for event in events.values()}
        ends = Counter({(subject, phase): 1 for subject in episodes for phase in (Phase.NEW, Phase.END)})
        met = Counter({key: count for key, count in phases.items() if key[1] is not Phase.UPDATE})
        gaps = [gap for gap in map(self._gap_s, self._ends_s) if gap is not None]
        return Result(
            restarts=times,
            killed=self._killed,
            during_start=self._during_start,
            episodes=list(episodes.values()).count("LIFT.EBIKE.ENTER"),
            restarts_told=list(episodes.values()).count("DEVICE.BOX.RESTART"),
            events=len(events),
            holes=max(numbers) - len(numbers),
            repeated=sum(((met - ends) + (ends - met)).values()),
            gaps=len(gaps),
            gap_p50_s=round(float(np.percentile(gaps, 50)), 2),
            gap_p95_s=round(float(np.percentile(gaps, 95)), 2),
            gap_max_s=round(max(gaps), 2),
            stop_max_s=round(max(self._stops_s), 2),
            start_cpu_s=round(self._start_cpu_s(), 2),
        )

    def _gap_s(self, ended_s: float) -> float | None:
        seen = next((seen for seen in self._sightings() if seen > ended_s), None)
        again = next((other for other in self._deaths_s if other > ended_s), float("inf"))
        return None if seen is None or again < seen else seen - ended_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between an end and the next start")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--keep", type=Path, help="folder for the journal and the log, kept")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with Run(folder, args.pause, args.seed) as run:
            result: dict[str, Any] = dataclasses.asdict(run.measure(args.times))
    if args.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:16} {value}")
    return os.EX_OK if result["holes"] == result["repeated"] == 0 and result["episodes"] == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
