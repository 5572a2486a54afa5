"""Every error EdgeGuard raises on purpose.

EdgeGuardError
 ├─ ConfigError            a site file, manifest or option is wrong; says where, the value met and the values accepted
 ├─ SourceError            a picture source cannot be opened or read
 │   ├─ SourceAuth         the camera refused the user name or password
 │   └─ SourceStalled      connected, but no frame within the time allowed
 ├─ ModelError             a model file is missing, damaged or does not fit its manifest entry
 ├─ FetchError             a model file cannot be fetched, or not be put where it belongs
 ├─ PhotoError             a file holds no photo that can be read
 ├─ GalleryError           more faces than the model can tell apart, or templates that cannot be compared
 ├─ AudioError             a phrase or an audio output cannot be used
 ├─ DoorError              a door's contact does not answer, or not with what was asked
 ├─ RelayError             a relay board does not answer, or did not do what it was asked
 │   └─ RelayLate          it was too late to begin, so the contact was not closed
 ├─ SensorError            a sensor or a switch does not answer, or not with what was asked
 ├─ JournalError           the event log cannot be opened, read or written
 ├─ EvidenceError          a picture or clip cannot be kept, or its record cannot be read
 ├─ DirectoryError         the box's list of people and vehicles cannot be opened, read or changed
 │   └─ EnrolmentRefused   a face may not be enrolled: no consent, a poor picture, somebody enrolled already, no room
 ├─ SettingsError          what the center has set of a box's rules cannot be kept
 ├─ StoreError             the center's database cannot be opened, read or written
 ├─ CenterError            the center's page cannot be served where it was told to
 ├─ NotifyError            a person or platform could not be told; it is tried again
 ├─ AccessError            the center refuses who asks: log in, wrong password, too many tries, set-up token spent
 ├─ BoxError               a part of the running box died
 ├─ CommandRefused         a command cannot be begun now; the message is the answer's reason
 ├─ UplinkError            the broker refused or the connection cannot be set up as configured
 ├─ ContractError          a message does not follow the contract
 └─ TruthError             a truth file or evaluation manifest is wrong
"""

from enum import StrEnum


class EdgeGuardError(Exception):
    """Base of all; the message is one line a person can act on."""


class ConfigError(EdgeGuardError):
    """A site file, manifest or option is wrong: where, the value met, the values accepted."""


class Fault(StrEnum):
    """What is wrong with a camera, as one word for metrics and tables; docs/sources.md has what each means."""

    STALLED = "stalled"
    NO_PICTURE = "no_picture"
    LATE = "late"
    SLOW = "slow"
    DAMAGED = "damaged"
    RETURNING = "returning"
    CLOSED = "closed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNKNOWN_HOST = "unknown_host"
    AUTH_FAILED = "auth_failed"
    NOT_FOUND = "not_found"
    NOT_OFFERED = "not_offered"
    NO_VIDEO = "no_video"
    NO_DECODER = "no_decoder"
    NO_PERMISSION = "no_permission"
    BUSY = "busy"
    FAILED = "failed"


class SourceError(EdgeGuardError):
    """A picture source cannot be opened or read; never carries credentials. `fault` says in one word why."""

    usual_fault = Fault.FAILED

    def __init__(self, message: str, fault: Fault | None = None) -> None:
        super().__init__(message)
        self.fault = fault or self.usual_fault


class SourceAuth(SourceError):
    """The camera refused the user name or password."""

    usual_fault = Fault.AUTH_FAILED


class SourceStalled(SourceError):
    """Connected, but no frame within the time allowed."""

    usual_fault = Fault.STALLED


class ModelError(EdgeGuardError):
    """A model file is missing, damaged or does not fit its manifest entry."""


class FetchError(EdgeGuardError):
    """A model file cannot be fetched, or not be put where it belongs."""


class PhotoError(EdgeGuardError):
    """A file holds no photo that can be read; the message tells what it is instead, never what it shows."""


class GalleryError(EdgeGuardError):
    """More faces than the model can tell apart, or templates that cannot be compared."""


class AudioError(EdgeGuardError):
    """A phrase or an audio output cannot be used."""


class DoorError(EdgeGuardError):
    """A door's contact does not answer, or not with what was asked."""


class RelayError(EdgeGuardError):
    """A relay board does not answer, or did not do what it was asked."""


class RelayLate(RelayError):
    """It was too late to begin, so the contact was not closed."""


class SensorError(EdgeGuardError):
    """A sensor or a switch does not answer, or not with what was asked."""


class JournalError(EdgeGuardError):
    """The event log cannot be opened, read or written."""


class EvidenceError(EdgeGuardError):
    """A picture or clip cannot be kept, or its record cannot be read; events are not touched by it."""


class DirectoryError(EdgeGuardError):
    """The box's list of people and vehicles cannot be opened or read, or the change asked for cannot be made."""


class EnrolmentRefused(DirectoryError):
    """A face may not be enrolled: no consent, a poor picture, somebody enrolled already, no room."""


class SettingsError(EdgeGuardError):
    """What the center has set of a box's rules cannot be kept."""


class StoreError(EdgeGuardError):
    """The center's database cannot be opened, read or written."""


class CenterError(EdgeGuardError):
    """The center's page cannot be served where it was told to."""


class NotifyError(EdgeGuardError):
    """A person or platform could not be told; it is tried again."""


class AccessError(EdgeGuardError):
    """The center refuses who asks; the message is a key of the page's texts."""


class BoxError(EdgeGuardError):
    """A part of the running box died; the process should end and be started again."""


class CommandRefused(EdgeGuardError):
    """A command cannot be begun now: busy, unknown camera, nothing to see; the message is the answer's reason."""


class UplinkError(EdgeGuardError):
    """The broker refused, or the connection cannot be set up as configured."""


class ContractError(EdgeGuardError):
    """A message does not follow the contract."""


class TruthError(EdgeGuardError):
    """A truth file or evaluation manifest is wrong."""
