"""Settings of sensors: where values come from, from which value on they alarm, and what can be switched off."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from edgeguard.contract import Family, family_of, find
from edgeguard.contract.base import Segment
from edgeguard.errors import ContractError
from edgeguard.modbus import Encoding, Table, WordOrder
from edgeguard.types import Severity
from edgeguard.yamlfile import Strict

# Only a person closes them.
BUTTONS: Final = frozenset({"SENSOR.SOS", "SENSOR.ALARM110"})
# Battery devices that only tell changes report themselves once a day; an hour more for one that is late.
SILENT_BY_MQTT_S: Final = 90_000.0
# A door's contact is a sensor too.
DOOR_HELD: Final = "ACCESS.DOOR.HELD"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Port = Annotated[int, Field(ge=1, le=65535)]


def _of_a_sensor(code: str) -> str:
    try:
        fits = code == DOOR_HELD or (find(code).code and family_of(code) is Family.SENSOR)
    except ContractError as error:
        raise ValueError(str(error)) from error
    if not fits:
        raise ValueError(f"a code of the family SENSOR, or {DOOR_HELD}")
    return code


class ReadingConfig(Strict):
    """What every reading may set; the value is `raw * scale + offset`."""

    unit: str = Field(default="", max_length=16, description="Unit of the value, as events and pages show it.")
    scale: float = Field(default=1.0, description="What comes is multiplied by this.")
    offset: float = Field(default=0.0, description="And this is added.")
    valid: tuple[float, float] | None = Field(
        default=None, description="Least and greatest value that can be true; others count as unusable."
    )
    offline_s: float | None = Field(
        default=None, gt=0, le=604_800, description="Without a usable value for so long it is told as offline."
    )
    stuck_s: float | None = Field(
        default=None, gt=0, le=604_800, description="The very same value for so long is told as stuck; left out: never."
    )

    @model_validator(mode="after")
    def _range_runs_upwards(self) -> Self:
        if self.valid is not None and self.valid[0] >= self.valid[1]:
            raise ValueError(f"valid: [least, greatest], met {list(self.valid)}")
        return self


class ModbusReading(ReadingConfig):
    """A value of a Modbus-TCP device, asked for again and again."""

    kind: Literal["modbus"] = Field(description="Modbus-TCP.")
    host: str = Field(min_length=1, description="The device, or the gateway before it.")
    port: Port = Field(default=502, description="Its port.")
    device_id: int = Field(default=1, ge=0, le=255, description="Unit identifier behind a gateway.")
    table: Table = Field(default="input", description="coil, discrete_input, holding or input.")
    address: int = Field(ge=0, le=65535, description="Counted from 0.")
    encoding: Encoding = Field(default="uint16", description="How registers make a number; not for coils and inputs.")
    word_order: WordOrder = Field(default="big", description="big: the register with the high word comes first.")
    bit: int | None = Field(default=None, ge=0, le=15, description="One bit of a register, 0 the least significant.")
    poll_ms: float = Field(default=1000, ge=20, le=600_000, description="Asked for so often.")
    timeout_s: float = Field(default=1.0, gt=0, le=10, description="Longest wait for an answer.")
    offline_s: float | None = Field(
        default=30.0, gt=0, le=604_800, description="Without a usable value for so long it is told as offline."
    )

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.bit is not None and self.table in {"coil", "discrete_input"}:
            raise ValueError(f"bit only for the tables holding and input, met bit {self.bit}, table {self.table}")
        if self.offline_s is not None and self.offline_s * 1000 < 2 * self.poll_ms:
            raise ValueError(
                f"offline_s at least twice poll_ms, met offline_s {self.offline_s:g}, poll_ms {self.poll_ms:g}"
            )
        return self


class MqttReading(ReadingConfig):
    """A value that comes on a topic of a broker nearby."""

    kind: Literal["mqtt"] = Field(description="MQTT, from a broker on the compound's own network.")
    broker: Name = Field(description="One of `brokers`.")
    topic: str = Field(min_length=1, max_length=512, pattern=r"^[^#+\x00]+$", description="Topic, without wildcards.")
    pointer: str = Field(
        default="",
        pattern=r"^(/.*)?$",
        description="JSON pointer (RFC 6901) to the value; left out: the payload is it.",
    )
    words: dict[str, float] = Field(default_factory=dict, description="Words that stand for numbers, as {ON: 1}.")
    momentary: bool = Field(
        default=False, description="Every message is a press of its own, nobody tells of letting go."
    )
    offline_s: float | None = Field(
        default=SILENT_BY_MQTT_S,
        gt=0,
        le=604_800,
        description="Without a usable value for so long it is told as offline; null: never, as what is momentary.",
    )

    @model_validator(mode="before")
    @classmethod
    def _nobody_need_press(cls, settings: object) -> object:
        if isinstance(settings, dict) and settings.get("momentary") is True:
            return {"offline_s": None, **settings}
        return settings


SensorReading = Annotated[ModbusReading | MqttReading, Field(discriminator="kind")]


class Band(Strict):
    """Beyond which value, and for how long it must last."""

    above: float | None = Field(default=None, description="Beyond it the value is too high.")
    below: float | None = Field(default=None, description="Beneath it the value is too low.")
    dwell_s: float = Field(default=0.0, ge=0, le=86_400, description="It must last so long.")

    @model_validator(mode="after")
    def _has_a_side(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("above, below, or both")
        return self

    def beyond(self, value: float, hysteresis: float = 0.0) -> bool:
        """Whether a value lies outside; with `hysteresis` it must have come back by so much to lie inside."""
        high = self.above is not None and value > self.above - hysteresis
        return high or (self.below is not None and value < self.below + hysteresis)


class AlarmConfig(Strict):
    """When one reading alarms. Buttons (SENSOR.SOS, SENSOR.ALARM110) stay open until a person closes them."""

    code: Annotated[str, AfterValidator(_of_a_sensor)] = Field(
        description=f"Code of its events: SENSOR.*, or {DOOR_HELD} for a door's contact."
    )
    reading: Name | None = Field(default=None, description="Which reading; left out: the only one.")
    alarm: Band = Field(default=Band(above=0.5), description="From where on it alarms; left out: a contact that is 1.")
    pre_alarm: Band | None = Field(default=None, description="From where on it warns, one severity lower.")
    hysteresis: float = Field(default=0.0, ge=0, description="The value must come back by so much to be normal.")
    clear_s: float = Field(default=10.0, ge=0, le=86_400, description="Normal for so long it is over.")
    update_every_s: float = Field(default=60.0, ge=1, description="An update of the event at most so often.")
    severity: Severity | None = Field(default=None, description="Of its events; left out: that of the code.")
    phrase: str | None = Field(default=None, description="Phrase said at the alarm; left out: silent.")

    @property
    def latched(self) -> bool:
        return self.code in BUTTONS

    @property
    def at_alarm(self) -> Severity:
        return self.severity or find(self.code).severity

    @property
    def before_alarm(self) -> Severity:
        """One step below; of a mere information there is none."""
        steps = list(Severity)
        return steps[max(steps.index(self.at_alarm) - 1, 0)]


class CutOffConfig(Strict):
    """The coil that takes the current off a charging point; it is written only when a person asks for it."""

    host: str = Field(min_length=1, description="The Modbus-TCP device.")
    port: Port = Field(default=502, description="Its port.")
    device_id: int = Field(default=1, ge=0, le=255, description="Unit identifier behind a gateway.")
    address: int = Field(ge=0, le=65535, description="The coil, counted from 0.")
    off_is: Literal[0, 1] = Field(default=0, description="What the coil is when the current is off.")
    timeout_s: float = Field(default=1.0, gt=0, le=10, description="Longest wait for an answer.")
    within_s: float = Field(default=2.0, gt=0, le=30, description="The coil must read back as off within so long.")


class PointConfig(Strict):
    """One device at one place: its readings, what they alarm for, and whether its current can be cut off."""

    id: Segment = Field(description="Name in events, logs and commands; once in its box.")
    label: str | None = Field(default=None, description="Name for people.")
    camera: Segment | None = Field(default=None, description="The nearest camera: alarms come with its picture.")
    readings: dict[Name, SensorReading] = Field(min_length=1, description="Its values, by name.")
    alarms: tuple[AlarmConfig, ...] = Field(
        default=(), description="What they alarm for, each code once for a reading."
    )
    cut_off: CutOffConfig | None = Field(default=None, description="How its current is cut off, by command only.")

    @model_validator(mode="after")
    def _alarms_fit(self) -> Self:
        for alarm in self.alarms:
            if alarm.reading is None and len(self.readings) > 1:
                raise ValueError(f"alarm {alarm.code}: reading, one of {', '.join(self.readings)}")
            if alarm.reading is not None and alarm.reading not in self.readings:
                raise ValueError(f"alarm {alarm.code}: reading one of {', '.join(self.readings)}, met {alarm.reading}")
        keys = [f"{alarm.code} {self.reading_of(alarm)}" for alarm in self.alarms]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"each code once for a reading of a point, met {', '.join(twice)} more than once")
        return self

    def reading_of(self, alarm: AlarmConfig) -> str:
        return alarm.reading or next(iter(self.readings))

    def zones_of(self, alarm: AlarmConfig) -> tuple[str, ...]:
        """What tells whose its episodes are: the point, and the reading where a code stands for several."""
        alone = sum(other.code == alarm.code for other in self.alarms) == 1
        return (self.id,) if alone else (self.id, self.reading_of(alarm))
