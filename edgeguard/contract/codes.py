"""The table of event codes: family.object.act, with the names a platform shows.

A code is never renamed or given another meaning; a new one raises CODES_VERSION.
"""

from dataclasses import dataclass
from enum import StrEnum

from edgeguard.errors import ContractError
from edgeguard.types import Severity

CODES_VERSION = 4


class Family(StrEnum):
    """First part of a code, in small letters; also the last segment of an event's topic."""

    LIFT = "lift"
    ACCESS = "access"
    VEHICLE = "vehicle"
    CONDUCT = "conduct"
    SENSOR = "sensor"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Code:
    """One row: the severity is the default, a site may configure another."""

    code: str
    severity: Severity
    en: str
    zh: str
    experimental: bool = False

    @property
    def family(self) -> Family:
        return family_of(self.code)


def family_of(code: str) -> Family:
    """Family of any code, also one this version does not know; raise ContractError for an unknown family."""
    name = code.partition(".")[0].lower()
    try:
        return Family(name)
    except ValueError as error:
        raise ContractError(f"code {code!r}: family {name!r}, accepted: {', '.join(Family)}") from error


def find(code: str) -> Code:
    """Row of a code; raise ContractError when the table has none."""
    try:
        return CODES[code]
    except KeyError as error:
        raise ContractError(f"code {code!r} is not in the table, accepted: {', '.join(CODES)}") from error


_INFO, _WARNING, _CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL

_TABLE = (
    Code("LIFT.EBIKE.ENTER", _CRITICAL, "E-bike in the lift", "电动自行车进入电梯"),
    Code("LIFT.EBIKE.BATTERY", _WARNING, "E-bike battery in the lift", "电动自行车电池进入电梯", experimental=True),
    Code("LIFT.BICYCLE.ENTER", _INFO, "Bicycle in the lift", "自行车进入电梯"),
    Code("LIFT.DOOR.BLOCKED", _WARNING, "Lift door blocked", "电梯门被阻挡"),
    Code("LIFT.PERSON.DOWN", _CRITICAL, "Person lying in the lift", "电梯内人员倒地"),
    Code("LIFT.CROWD.OVER", _WARNING, "Too many people in the lift", "电梯内人员超限"),
    Code("ACCESS.FACE.GRANTED", _INFO, "Face recognised, access granted", "人脸识别通过"),
    Code("ACCESS.FACE.DENIED", _WARNING, "Face recognised, access denied", "人脸识别拒绝通行"),
    Code("ACCESS.FACE.UNKNOWN", _INFO, "Face not enrolled", "未登记人脸"),
    Code("ACCESS.FACE.SPOOF", _WARNING, "Face presentation attack", "人脸活体检测未通过"),
    Code("ACCESS.FACE.EXPIRED", _INFO, "Access permission expired", "人员通行权限过期"),
    Code("ACCESS.PASS.GRANTED", _INFO, "Card, PIN or code accepted, access granted", "凭证验证通过"),
    Code("ACCESS.PASS.DENIED", _WARNING, "Card, PIN or code refused", "凭证拒绝通行"),
    Code("ACCESS.PASS.UNKNOWN", _INFO, "Card, PIN or code not known", "未知凭证"),
    Code("ACCESS.PASS.EXPIRED", _INFO, "Card, PIN or code expired", "凭证过期"),
    Code("ACCESS.DOOR.HELD", _WARNING, "Door held open", "门未及时关闭"),
    Code("ACCESS.DOOR.FORCED", _CRITICAL, "Door forced", "门被强行打开"),
    Code("ACCESS.DOOR.REMOTE", _INFO, "Opening asked for by the control room", "远程开门"),
    Code("ACCESS.TAILGATE", _WARNING, "Tailgating", "尾随通行"),
    Code("VEHICLE.PLATE.GRANTED", _INFO, "Plate recognised, access granted", "车牌识别放行"),
    Code("VEHICLE.PLATE.DENIED", _WARNING, "Plate recognised, access denied", "车牌识别拒绝放行"),
    Code("VEHICLE.PLATE.UNKNOWN", _INFO, "Plate not registered", "未登记车辆"),
    Code("VEHICLE.PLATE.EXPIRED", _INFO, "Vehicle permission expired", "车辆通行权限过期"),
    Code("VEHICLE.PARK.FIRELANE", _WARNING, "Vehicle parked on a fire lane", "车辆占用消防通道"),
    Code("VEHICLE.EBIKE.PARKED", _WARNING, "E-bike parked where it must not be", "电动自行车违规停放"),
    Code("VEHICLE.WRONGWAY", _WARNING, "Vehicle driving the wrong way", "车辆逆行"),
    Code("CONDUCT.FIGHT", _CRITICAL, "Fight", "打架斗殴"),
    Code("CONDUCT.FALL", _CRITICAL, "Person fallen", "人员跌倒"),
    Code("CONDUCT.SMOKING", _WARNING, "Smoking", "吸烟"),
    Code("CONDUCT.INTRUSION", _WARNING, "Intrusion into a closed area", "区域入侵"),
    Code("CONDUCT.CLIMB", _CRITICAL, "Climbing over a fence or wall", "攀爬翻越"),
    Code("CONDUCT.LOITER", _INFO, "Loitering", "人员徘徊"),
    Code("CONDUCT.CROWD.L1", _INFO, "Crowd, level 1", "人员聚集一级"),
    Code("CONDUCT.CROWD.L2", _WARNING, "Crowd, level 2", "人员聚集二级"),
    Code("CONDUCT.CROWD.L3", _CRITICAL, "Crowd, level 3", "人员聚集三级"),
    Code("CONDUCT.THROWN", _CRITICAL, "Object thrown from height", "高空抛物"),
    Code("CONDUCT.LITTER", _INFO, "Litter dropped", "乱扔垃圾"),
    Code("CONDUCT.OBJECT.TAKEN", _WARNING, "Object taken away", "物品被取走"),
    Code("CONDUCT.DOG.ALONE", _WARNING, "Dog without a person", "犬只无人看管"),
    Code("CONDUCT.CHILD.LEDGE", _CRITICAL, "Child at a window or ledge", "儿童攀爬窗台"),
    Code("SENSOR.GAS", _CRITICAL, "Gas", "可燃气体报警"),
    Code("SENSOR.SMOKE", _CRITICAL, "Smoke", "烟雾报警"),
    Code("SENSOR.CURRENT", _WARNING, "Electric current out of range", "用电电流异常"),
    Code("SENSOR.VOLTAGE", _WARNING, "Voltage out of range", "电压异常"),
    Code("SENSOR.HEAT", _CRITICAL, "Heat", "温度报警"),
    Code("SENSOR.WATER", _WARNING, "Water", "水浸报警"),
    Code("SENSOR.SOS", _CRITICAL, "SOS button", "紧急求助"),
    Code("SENSOR.ALARM110", _CRITICAL, "Police alarm button", "一键报警"),
    Code("DEVICE.CAMERA.BLIND", _WARNING, "Camera gives no picture", "摄像机无画面"),
    Code("DEVICE.CAMERA.COVERED", _WARNING, "Camera covered", "摄像机被遮挡"),
    Code("DEVICE.CAMERA.MOVED", _WARNING, "Camera moved", "摄像机移位"),
    Code("DEVICE.CAMERA.DEFOCUSED", _WARNING, "Camera out of focus", "摄像机失焦"),
    Code("DEVICE.CAMERA.DARK", _WARNING, "Picture too dark", "画面过暗"),
    Code("DEVICE.CAMERA.FROZEN", _WARNING, "Picture frozen", "画面冻结"),
    Code("DEVICE.SENSOR.OFFLINE", _WARNING, "Sensor gives no readings", "传感器离线"),
    Code("DEVICE.SENSOR.STUCK", _WARNING, "Sensor reading does not change", "传感器读数不变"),
    Code("DEVICE.BOX.RESTART", _INFO, "Box restarted", "边缘设备重启"),
    Code("DEVICE.JOURNAL.DAMAGED", _CRITICAL, "Event journal damaged", "事件日志损坏"),
    Code("DEVICE.RELAY.LOST", _WARNING, "Relay board does not answer", "继电器失联"),
    Code("DEVICE.CERT.EXPIRING", _WARNING, "Certificate expires soon", "证书即将到期"),
)

CODES: dict[str, Code] = {row.code: row for row in _TABLE}
