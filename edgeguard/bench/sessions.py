"""How to spread a network over the cores: a session of one thread on each, or one session over all of them."""

import threading
import time
from dataclasses import dataclass

import numpy as np

from edgeguard.bench.stats import median
from edgeguard.detectors import ExecutionConfig, ModelSpec, cores
from edgeguard.networks import Network


@dataclass(frozen=True, slots=True)
class Spread:
    """Pictures a second, medians of rounds taken in turns."""

    cores: int
    one_thread_each_hz: float
    one_over_all_hz: float


def measure_spread(spec: ModelSpec, execution: ExecutionConfig, rounds: int, round_s: float = 1.0) -> Spread:
    """Run both kinds in turns."""
    count = cores()
    each = [Network(spec, execution.model_copy(update={"threads": 1})) for _ in range(count)]
    over_all = [Network(spec, execution.model_copy(update={"threads": count}))]
    tensor = np.zeros((1, 3, *spec.input.size), np.float32)
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for networks, taken in zip((each, over_all), rates, strict=True):
            taken.append(_rate_hz(networks, tensor, round_s))
    return Spread(count, median(rates[0]), median(rates[1]))


def _rate_hz(networks: list[Network], tensor: np.ndarray[tuple[int, ...], np.dtype[np.float32]], for_s: float) -> float:
    runs: list[int] = []
    end_s = time.monotonic() + for_s

    def work(network: Network) -> None:
        done = 0
        while time.monotonic() < end_s:
            network.run(tensor)
            done += 1
        runs.append(done)

    threads = [threading.Thread(target=work, args=(network,)) for network in networks]
    started_s = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(runs) / (time.monotonic() - started_s)
