"""A changed site file on the running box: only what the change names is touched."""

from collections.abc import MutableMapping

from edgeguard.agent.changes import Effect, SiteDiff
from edgeguard.agent.lane import Lane
from edgeguard.agent.plan import Plan
from edgeguard.agent.services import Services
from edgeguard.errors import ConfigError
from edgeguard.scenarios import orphan_end

# Cameras that are replaced or taken away, together; one that hangs is left behind.
STOP_S = 1.0


def refuse_restarts(diff: SiteDiff) -> None:
    """Raise ConfigError where a change cannot be applied under way."""
    named = [
        f"{change.path}: met {change.new}, accepted: {change.old}, or restart" for change in diff.of(Effect.RESTART)
    ]
    if named:
        raise ConfigError("restart needed: " + "; ".join(named))


def apply_plan(services: Services, lanes: MutableMapping[str, Lane], plan: Plan, diff: SiteDiff) -> None:
    """Go over to `plan`, which was made of the new file whole; nothing in here can be wrong by configuration."""
    removed, replaced = diff.cameras(Effect.CAMERA_REMOVED), diff.cameras(Effect.CAMERA)
    stopping = [lanes[name] for name in (*removed, *replaced)]
    for lane in stopping:
        lane.ask_to_stop()
    for lane in stopping:
        lane.stop(STOP_S)
    for name in removed:
        lanes.pop(name)
        end_episodes(services, name, "removed")
        services.health.forget(name)
    services.change(plan, reconnect=bool(diff.of(Effect.UPLINK)))
    for camera in plan.site.cameras:
        if camera.id in lanes and camera.id not in replaced:
            lanes[camera.id].config = camera
            continue
        lane = Lane(camera, services)
        lane.start()
        lanes[camera.id] = lane  # not before: what is listed and does not run is replaced


def end_episodes(services: Services, camera_id: str, reason: str) -> None:
    """The END of what a camera has open that nobody watches any more."""
    for episode in services.open_episodes(camera_id):
        end = orphan_end(episode, services.clock.utcnow(), services.clock.monotonic_s(), reason)
        services.reporter_of(camera_id).handle((end,))
