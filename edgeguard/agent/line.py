"""The box's line to its platform, whatever uplink there is at the moment; none is fine too."""

from collections.abc import Callable, Mapping, Sequence
from threading import Thread

from edgeguard.agent.supervisor import Beat, Part
from edgeguard.contract import Birth, Message
from edgeguard.journal import Journal
from edgeguard.uplink import (
    Admit,
    Handler,
    OnAck,
    OnConfirmed,
    OnTalk,
    Starter,
    Uplink,
    UplinkConfig,
    admit_unsigned,
)


class Line:
    """Holds the uplink and what it must say again when another one takes over. Call it from any thread."""

    def __init__(
        self,
        journal: Journal,
        birth: Callable[[int], Birth],
        handlers: Mapping[str, Handler | Starter],
        *,
        on_ack: OnAck,
        on_talk: OnTalk,
        on_confirmed: OnConfirmed,
        admit: Admit = admit_unsigned,
    ) -> None:
        self.uplink: Uplink | None = None
        self._journal = journal
        self._birth = birth
        self._handlers = handlers
        self._on_ack = on_ack
        self._on_talk = on_talk
        self._on_confirmed = on_confirmed
        self._admit = admit
        self._retained: dict[str, Message] = {}
        self._config: UplinkConfig | None = None
        self.part = Part("uplink", self._beat, self._replace)

    def open(self, config: UplinkConfig | None) -> None:
        """Start an uplink; None: the box keeps what it has to say. Raises UplinkError for unusable files."""
        self._config = config
        if config is None:
            return
        uplink = Uplink(
            config,
            self._journal,
            self._birth,
            handlers=self._handlers,
            on_ack=self._on_ack,
            on_talk=self._on_talk,
            on_confirmed=self._on_confirmed,
            admit=self._admit,
        )
        for topic, message in self._retained.copy().items():
            uplink.set_retained(topic, message)
        uplink.__enter__()
        self.uplink = uplink

    def close(self) -> None:
        """Say goodbye and stop."""
        self._config = None
        uplink, self.uplink = self.uplink, None
        if uplink is not None:
            uplink.__exit__(None, None, None)

    def announce(self) -> None:
        """The box is another one than its birth said: say it again."""
        if self.uplink is not None:
            self.uplink.announce()

    def _beat(self) -> Beat:
        uplink = self.uplink
        if uplink is None:
            return Beat(alive=self._config is None)
        overdue_s, doing = uplink.overdue_s()
        return Beat(uplink.thread.is_alive(), overdue_s, doing=doing)

    def _replace(self) -> Sequence[Thread]:
        old, self.uplink = self.uplink, None
        if old is not None:
            old.abandon()
        self.open(self._config)
        return [old.thread] if old is not None else []

    def wake(self) -> None:
        """The journal has something new."""
        if self.uplink is not None:
            self.uplink.wake()

    def set_retained(self, topic: str, message: Message) -> None:
        """Publish now, and again after every connection."""
        self._retained[topic] = message
        if self.uplink is not None:
            self.uplink.set_retained(topic, message)

    def publish_now(self, topic: str, payload: bytes) -> bool:
        """Send once without confirmation; False when there is no connection."""
        return self.uplink is not None and self.uplink.publish_now(topic, payload)

    def publish_newest(self, topic: str, payload: bytes) -> bool:
        """Send a live picture; False when there is no connection, or none that is free."""
        return self.uplink is not None and self.uplink.publish_newest(topic, payload)
