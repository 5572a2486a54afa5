"""Running boxes that answer on loopback, and their metrics as numbers."""

import json
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from edgeguard.agent.box import Box
from edgeguard.agent.site import SiteConfig
from tests.support.mosquitto import free_port


def box_settings(folder: Path, models: Path, **changes: Any) -> dict[str, Any]:
    """One drawn camera, a voice in memory, no broker, and a free port for `ops`."""
    return {
        "site": "hz",
        "box": "box-1",
        "data_dir": str(folder / "data"),
        "models_dir": str(models),
        "cameras": [{"id": "lift-a", "model": "tiny", "source": {"kind": "synthetic"}}],
        "voice": {"output": {"kind": "memory"}, "languages": ["zh"]},
        "ops": {"port": free_port()},
        **changes,
    }


def lab(port: int) -> dict[str, Any]:
    """An uplink to a broker of the tests."""
    return {"host": "127.0.0.1", "port": port, "insecure_lab": True, "backoff_first_s": 0.2, "backoff_most_s": 0.5}


@contextmanager
def at_work(box: Box) -> Iterator[Box]:
    """A box on a thread of its own, from entering to leaving it."""
    stop = threading.Event()
    with box:
        thread = threading.Thread(target=box.run, args=(stop,))
        thread.start()
        try:
            yield box
        finally:
            stop.set()
            thread.join()


def running_box(settings: dict[str, Any], **how: Any) -> AbstractContextManager[Box]:
    """The box of these settings at work."""
    return at_work(Box(SiteConfig.model_validate(settings), **how))


def get(settings: dict[str, Any], path: str) -> tuple[int, bytes]:
    """(HTTP status, body) of a box's page."""
    connection = HTTPConnection("127.0.0.1", settings["ops"]["port"], timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get_json(settings: dict[str, Any], path: str) -> Any:
    return json.loads(get(settings, path)[1])


class Scrape:
    """What `/metrics` says now."""

    def __init__(self, settings: dict[str, Any]) -> None:
        status, text = get(settings, "/metrics")
        families = list(text_string_to_metric_families(text.decode())) if status == 200 else []
        self.samples = [sample for family in families for sample in family.samples]

    def __call__(self, name: str, **labels: str) -> float:
        """The sum of the samples with these labels; 0 without one."""
        wanted = labels.items()
        return sum(one.value for one in self.samples if one.name == name and wanted <= one.labels.items())

    def has(self, name: str) -> bool:
        return any(one.name == name for one in self.samples)
