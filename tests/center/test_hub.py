"""The hub: everybody hears everything in order, who does not read is dropped, an end is told."""

import asyncio

from edgeguard.center.hub import MAX_BEHIND, HealthChanged, Hub


def test_every_subscription_hears_every_change() -> None:
    async def run() -> None:
        hub = Hub()
        hub.start()
        with hub.subscribe() as one, hub.subscribe() as other:
            await asyncio.to_thread(hub.publish, HealthChanged())
            assert [await one.next(), await other.next()] == [HealthChanged(), HealthChanged()]
            hub.stop()
            assert [await one.next(), await other.next()] == [None, None]

    asyncio.run(run())


def test_who_does_not_read_is_dropped() -> None:
    async def run() -> None:
        hub = Hub()
        hub.start()
        with hub.subscribe() as lazy:
            hub.publish(*[HealthChanged()] * (MAX_BEHIND + 10))
            heard = [await lazy.next() for _ in range(MAX_BEHIND + 1)]
        assert heard[-1] is None
        assert None not in heard[:-1]

    asyncio.run(run())


def test_nobody_is_told_before_the_start() -> None:
    hub = Hub()
    hub.publish(HealthChanged())
    hub.stop()
    assert not hub.running
