"""The words about visitors' passes, in Chinese and English; `texts` has them with all others."""

from typing import Final

VISIT_TEXTS: Final[dict[str, tuple[str, str]]] = {
    # the visitor's own page
    "visit": ("访客通行码", "Visitor pass"),
    "visit_valid": ("可以使用", "Valid now"),
    "visit_valid_hint": ("请在门口将二维码对准摄像头。", "Hold this code in front of the camera at the gate."),
    "visit_early": ("尚未生效", "Not valid yet"),
    "visit_early_hint": ("到开始时间后才能开门。", "It opens the gate from the time below on."),
    "visit_over": ("已过期", "Over"),
    "visit_over_hint": ("如需再次来访，请联系邀请人。", "To come again, ask whoever invited you."),
    "visit_used": ("已用完", "Used up"),
    "visit_used_hint": ("如需再次通行，请联系邀请人。", "To pass again, ask whoever invited you."),
    "visit_withdrawn": ("已撤销", "Withdrawn"),
    "visit_withdrawn_hint": (
        "此通行码不能再开门，请联系邀请人。",
        "It opens nothing any more. Ask whoever invited you.",
    ),
    "visit_none": ("链接无效或已过期", "This link is wrong, or over"),
    "visit_many": ("尝试次数过多，请 15 分钟后再试", "Too many tries. Wait 15 minutes"),
    "visit_gates": ("可通行的门", "Gates"),
    "visit_from": ("开始", "From"),
    "visit_until": ("结束", "Until"),
    "visit_uses": ("可用次数", "Uses"),
    # on the guard's page
    "passes": ("访客通行码", "Visitor passes"),
    "passes_hint": (
        "生成一个链接发给访客，访客在门口出示二维码。设备签发通行码，到期自动失效。",
        "Makes a link to send to a visitor, who shows its code at the gate. The box makes the pass; it ends by itself.",
    ),
    "passes_new": ("新建访客通行码", "New visitor pass"),
    "passes_box": ("设备", "Box"),
    "passes_make": ("生成链接", "Make a link"),
    "passes_made": ("链接已生成", "The link is made"),
    "passes_failed": ("没有生成", "Not made"),
    "passes_copy": ("复制链接", "Copy link"),
    "passes_copied": ("已复制", "Copied"),
    "passes_withdraw": ("撤销", "Withdraw"),
    "passes_not_withdrawn": ("链接已失效，但设备尚未确认", "The link is dead, but the box has not confirmed it"),
    "passes_no_gate": ("请至少选择一个门", "Choose at least one gate"),
    "passes_until": ("至 {until} · {uses} 次 · {by}", "until {until} · uses: {uses} · {by}"),
}
