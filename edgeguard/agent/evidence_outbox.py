"""What waits for the center, and what the platform is told of it."""

from collections.abc import Callable

from edgeguard.agent.evidence_index import ItemState
from edgeguard.agent.evidence_store import EvidenceStore
from edgeguard.contract import Evidence
from edgeguard.journal import Journal, OutboxKind
from edgeguard.uplink.upload import Parcel


class EvidenceOutbox:
    """Between the store and the uploader. A file told of twice (killed in between) is the same to whoever reads it."""

    def __init__(self, store: EvidenceStore, journal: Journal, queued: Callable[[], None]) -> None:
        self._store = store
        self._journal = journal
        self._queued = queued

    def next_parcel(self) -> Parcel | None:
        return self._store.next_parcel()

    def delivered(self, parcel: Parcel) -> None:
        """Tell the platform first: what is told stands in the journal before it is forgotten here."""
        told = Evidence(
            event_id=parcel.event_id,
            kind=parcel.kind,
            name=parcel.name,
            media_type=parcel.media_type,
            sha256=parcel.sha256,
            size_bytes=parcel.size_bytes,
            note=parcel.note or None,
        )
        topic = self._journal.topics.evidence(parcel.event_id)
        self._journal.enqueue(topic, told.to_json(), kind=OutboxKind.EVIDENCE, event_id=parcel.event_id)
        self._store.settle(parcel, ItemState.SENT)
        self._queued()

    def refused(self, parcel: Parcel, reason: str) -> None:
        self._store.settle(parcel, ItemState.REFUSED, reason)

    def postponed(self, parcel: Parcel) -> None:
        self._store.settle(parcel, ItemState.WAITING)
