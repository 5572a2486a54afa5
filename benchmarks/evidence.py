# ruff: noqa: INP001  # a script, not a package
"""What evidence costs: the tap a packet, paired with decoding the same packet; cutting and writing a clip.

    python benchmarks/evidence.py [RECORDING] [--rounds N]

Prints one JSON object: microseconds of CPU a packet (median over rounds), and what one clip takes.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import av

from edgeguard.recordings import recording
from edgeguard.sources.mp4 import write_mp4
from edgeguard.sources.packets import PacketRing

BEFORE_S, AFTER_S, RING_S = 3.0, 5.0, 10.0


def read(path: Path, ring: PacketRing | None, *, decode: bool) -> tuple[float, int]:
    """CPU seconds of one reading, and packets."""
    with av.open(str(path), "r") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        take = ring.connected(stream) if ring else None
        started_s, packets = time.thread_time(), 0
        for packet in container.demux(stream):
            if take is not None:
                take(packet, float((packet.pts or 0) * (stream.time_base or 0)))
            if decode:
                packet.decode()
            packets += packet.size > 0
        return time.thread_time() - started_s, packets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", nargs="?", type=Path, default=recording("lift_ebike"))
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    bare_us, tapped_us, decoded_us = [], [], []
    for _ in range(options.rounds):
        for kept_us, ring, decode in (
            (bare_us, None, False),
            (tapped_us, PacketRing(RING_S, 1 << 24), False),
            (decoded_us, None, True),
        ):
            spent_s, packets = read(options.recording, ring, decode=decode)
            kept_us.append(spent_s / packets * 1e6)
    ring = PacketRing(RING_S, 1 << 24)
    read(options.recording, ring, decode=False)
    window = ring.cut(0, float("inf"))
    if window is None:
        raise SystemExit(f"{options.recording}: no packets that MP4 can hold")
    at_s = window.to_s - AFTER_S
    took_ms = []
    for _ in range(options.rounds):
        started_s = time.thread_time()
        cut = ring.cut(at_s - BEFORE_S, at_s + AFTER_S)
        clip = write_mp4(cut) if cut else None
        took_ms.append((time.thread_time() - started_s) * 1000)
    tap_us = statistics.median(t - b for t, b in zip(tapped_us, bare_us, strict=True))
    decode_us = statistics.median(d - b for d, b in zip(decoded_us, bare_us, strict=True))
    result = {
        "tap_us_per_packet": round(tap_us, 2),
        "decode_us_per_packet": round(decode_us, 1),
        "tap_over_decode": round(tap_us / decode_us, 4),
        "tap_core_at_15_fps": round(tap_us * 15e-6, 6),
        "ring_bytes": ring.size_bytes,
        "clip_ms": round(statistics.median(took_ms), 2),
        "clip_bytes": len(clip.data) if clip else 0,
        "clip_s": clip.duration_s if clip else 0,
        "clip_frames": clip.frames if clip else 0,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
