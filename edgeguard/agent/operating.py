"""What operates a running box: its own view of itself, answered on loopback and told to the platform once a minute."""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Any, Self

from edgeguard.agent.lane import Lane
from edgeguard.agent.ops import OpsServer, Questions
from edgeguard.agent.pulse import Pulse
from edgeguard.agent.services import Services
from edgeguard.agent.status import SiteFileReport, Status
from edgeguard.agent.survey import Survey
from edgeguard.contract import rfc3339


class Operating:
    """Open it with `with`, after the services and before the cameras.

    `lanes` may be filled later. Raises ConfigError where the port of the site file's `ops` is taken.
    """

    def __init__(
        self,
        services: Services,
        lanes: Mapping[str, Lane],
        site_file: Callable[[], SiteFileReport] | None = None,
    ) -> None:
        self._services = services
        self._site_file = site_file or (lambda: SiteFileReport(loaded_at=services.started_at))
        self.pulse = Pulse(Survey(services, lanes, self._site_file), partial(tell_platform, services))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            ops = self._services.plan.site.ops
            if ops is not None and ops.port:
                questions = Questions(self.pulse.status, self._services.metrics.page)
                stack.enter_context(OpsServer(ops, questions))
            stack.enter_context(self.pulse)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def tell_platform(services: Services, status: Status) -> None:
    """The main counters on the topic `metrics`; nobody misses them where there is no connection."""
    payload = json.dumps(counters(status), ensure_ascii=False, separators=(",", ":")).encode()
    services.line.publish_now(services.journal.topics.metrics, payload)


def counters(status: Status) -> dict[str, Any]:
    """The main counters as the `metrics` topic has them, by the names of the Prometheus metrics."""
    journal = status.journal
    return {
        "at": rfc3339(status.at),
        "uptime_s": round(status.uptime_s),
        "rss_bytes": status.rss_bytes,
        "guards": status.guards,
        "clock_synced": None if status.clock is None else status.clock.synced,
        "outbox_depth": journal.outbox_depth,
        "outbox_oldest_s": journal.outbox_oldest_s,
        "evidence_dropped_total": journal.evidence_dropped,
        "journal_tombstones_total": journal.tombstones,
        "disk_free_bytes": None if status.disk is None else status.disk.free_bytes,
        "part_restarts_total": status.restarts,
        "cameras": {
            camera.id: {
                "state": camera.status.value,
                "frames_in_total": camera.frames_in,
                "frames_dropped_total": camera.dropped,
                "inferences_total": camera.inferences,
                "blind_seconds_total": camera.blind_s,
                "fps_in": camera.fps_in,
                "fps_done": camera.fps_done,
            }
            for camera in status.cameras
        },
    }
