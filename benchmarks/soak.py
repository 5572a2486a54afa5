# ruff: noqa: INP001  # a script, not a package
"""Does a box grow? A real one with 8 cameras, a broker and an RTSP server that dies now and then: its memory over time.

python benchmarks/soak.py [--minutes 60] [--models-dir DIR] [--out FOLDER] [--json]

Four cameras play the bundled recordings (episodes come and go), four are RTSP cameras. FOLDER gets samples.csv, written
as they come, and the box's log. The slope is Theil and Sen's (median of all pairwise slopes) without the first sixth.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import yaml
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from rich.console import Console
from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from edgeguard.contract import Event, Kind, Topics, ViewArgs, ViewCommand, parse
from edgeguard.recordings import recording
from tests.support.mosquitto import Mosquitto
from tests.support.rtsp import RtspServer

SAMPLE_EVERY_S = 10.0
KILL_EVERY_S = 600.0
KILLED_FOR_S = 20.0
VIEW_EVERY_S = 120.0
RTSP_CAMERAS = 4
# As the unit in deploy/ sets it.
HEAP = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}
TOPICS = Topics("soak", "box-1")


@dataclass(frozen=True, slots=True)
class Sample:
    """Of the box's process, at seconds since its start."""

    at_s: float
    rss_mb: float
    threads: int
    files: int
    cpu_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--models-dir", type=Path, help="folder of the models' manifest.yaml (the bundled one)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp(prefix="edgeguard-soak-"))
    out.mkdir(parents=True, exist_ok=True)
    result = Soak(out, options.minutes * 60, options.models_dir).run()
    if options.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name}: {value}" for name, value in result.items()))


class Soak:
    """One run; everything it starts ends with it."""

    def __init__(self, out: Path, duration_s: float, models_dir: Path | None = None) -> None:
        self._models = {} if models_dir is None else {"models_dir": str(models_dir.resolve())}
        self._out = out
        self._duration_s = duration_s
        self._heard: Counter[str] = Counter()
        self._samples: list[Sample] = []
        self._server = RtspServer(("--fps", "15"))

    def run(self) -> dict[str, object]:
        with ExitStack() as stack:
            broker = Mosquitto(self._out / "broker")
            broker.start()
            stack.callback(broker.kill)
            self._server.start()
            stack.callback(self._server.kill)
            client = self._listen(broker.port)
            stack.callback(client.loop_stop)
            site = self._out / "site.yaml"
            site.write_text(yaml.safe_dump(self._site(broker.port)), "utf-8")
            box = self._start(site, stack)
            self._watch(box, client)
        return self._result()

    def _start(self, site: Path, stack: ExitStack) -> subprocess.Popen[bytes]:
        log = stack.enter_context((self._out / "box.log").open("wb"))
        command = [sys.executable, "-m", "edgeguard", "run", "-c", str(site)]
        box = subprocess.Popen(command, stderr=log, stdout=log, env=os.environ | HEAP)  # noqa: S603 - our own words
        stack.callback(box.wait, 30)
        stack.callback(box.send_signal, signal.SIGTERM)
        return box

    def _watch(self, box: subprocess.Popen[bytes], client: Client) -> None:
        start_s = time.monotonic()
        chores = [threading.Thread(target=self._trouble, args=(start_s,), daemon=True)]
        chores[0].start()
        view_at_s = VIEW_EVERY_S
        with (
            (self._out / "samples.csv").open("w", newline="", encoding="utf-8") as file,
            Progress(console=Console(stderr=True)) as progress,
        ):
            rows = csv.writer(file)
            rows.writerow(Sample.__dataclass_fields__)
            task = progress.add_task("soak", total=self._duration_s)
            while (at_s := time.monotonic() - start_s) < self._duration_s and box.poll() is None:
                sample = measured(box.pid, at_s)
                self._samples.append(sample)
                rows.writerow(asdict(sample).values())
                file.flush()
                if at_s >= view_at_s:
                    view_at_s += VIEW_EVERY_S
                    self._view(client)
                progress.update(task, completed=at_s, description=f"soak {sample.rss_mb:.1f} MB")
                time.sleep(SAMPLE_EVERY_S)
        if box.poll() is not None:
            raise SystemExit(f"the box ended with status {box.returncode}; its log is {self._out / 'box.log'}")

    def _trouble(self, start_s: float) -> None:
        """A camera's server dies now and then, for as long as the run lasts."""
        while time.monotonic() - start_s < self._duration_s:
            time.sleep(min(KILL_EVERY_S, self._duration_s))
            self._server.kill()
            time.sleep(KILLED_FOR_S)
            self._server.start()

    def _listen(self, port: int) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, "soak")
        client.on_message = self._hear
        client.on_connect = lambda client, *_: client.subscribe("eg1/#", 1)
        client.connect("127.0.0.1", port)
        client.loop_start()
        return client

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        kind = parse(message.topic).kind
        if kind is Kind.EVENT:
            data = Event.from_json(bytes(message.payload)).data
            self._heard[f"{data.code} {data.phase}"] += 1
        elif kind is Kind.VIEW:
            self._heard["view frames"] += 1

    @staticmethod
    def _view(client: Client) -> None:
        now = datetime.now(UTC)
        command = ViewCommand(
            id=f"view-{now:%H%M%S}",
            issued_at=now,
            expires_at=now + timedelta(seconds=20),
            by="soak",
            args=ViewArgs(camera="file-0", duration_s=20),
        )
        client.publish(TOPICS.cmd("view"), command.to_json(), qos=1)

    def _site(self, port: int) -> dict[str, object]:
        files = [
            {
                "id": f"file-{index}",
                "source": {"kind": "file", "path": str(recording(name)), "loop": True, "rest_s": 20.0},
            }
            for index, name in enumerate(("lift_ebike", "lift_people", "lift_ebike", "lift_people"))
        ]
        rtsp = [
            {"id": f"rtsp-{index}", "detect_hz": 1.0, "source": {"kind": "rtsp", "url": self._server.url}}
            for index in range(RTSP_CAMERAS)
        ]
        return self._models | {
            "site": TOPICS.site,
            "box": TOPICS.box,
            "data_dir": str(self._out / "data"),
            "voice": {"output": {"kind": "file", "path": str(self._out / "voice.wav"), "limit_s": 7200.0}},
            "uplink": {"host": "127.0.0.1", "port": port, "insecure_lab": True},
            "cameras": [camera | {"detect_hz": 4.0} for camera in files] + rtsp,
        }

    def _result(self) -> dict[str, object]:
        settled = self._samples[len(self._samples) // 6 :]
        rss = [sample.rss_mb for sample in settled]
        return {
            "cameras": 2 * RTSP_CAMERAS,
            "minutes": round(self._samples[-1].at_s / 60, 1),
            "rss_mb_first": round(rss[0], 1),
            "rss_mb_last": round(rss[-1], 1),
            "rss_mb_most": round(max(rss), 1),
            "slope_mb_per_h": round(slope([sample.at_s / 3600 for sample in settled], rss), 2),
            "threads": [settled[0].threads, settled[-1].threads],
            "files": [settled[0].files, settled[-1].files],
            "cores_used": round(self._samples[-1].cpu_s / self._samples[-1].at_s, 2),
            "heard": dict(sorted(self._heard.items())),
            "folder": str(self._out),
        }


def measured(pid: int, at_s: float) -> Sample:
    """From /proc: resident set, threads, open files, CPU time of a process."""
    process = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    files = len(list((process / "fd").iterdir()))
    return Sample(round(at_s, 1), int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), files, cpu_s)


def slope(x: list[float], y: list[float]) -> float:
    """Theil and Sen's estimate: the median slope of all pairs; single peaks do not move it."""
    first, second = np.triu_indices(len(x), 1)
    xs, ys = np.array(x), np.array(y)
    return float(np.median((ys[second] - ys[first]) / (xs[second] - xs[first]))) if len(x) > 1 else 0.0


if __name__ == "__main__":
    main()
