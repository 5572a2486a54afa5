"""The words for export and deletion of one person, in Chinese and English; `texts` has them with all others."""

from typing import Final

RIGHTS_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "rights": ("个人数据：导出与删除", "One person's data: copy and deletion"),
    "rights_hint": (
        "选择设备和假名。姓名、门卡号、密码和人脸模板不离开设备；完整副本请在设备上用 edgeguard people export 取得。",
        (
            "Choose the box and the pseudonym. Names, card numbers and face templates never leave the box; the whole "
            "copy is made there: edgeguard people export."
        ),
    ),
    "rights_not_yours": (
        "只有中心配置 privacy.officers 中的账号可以导出或删除个人数据。",
        "Only accounts named under privacy.officers in the center's file may copy or delete a person's data.",
    ),
    "rights_no_box": (
        "没有设备可以执行：设备需要通行名单（access）和中心的公钥（commands.keys）。",
        "No box can do it: it needs a directory (access) and this center's public key (commands.keys).",
    ),
    "rights_box": ("设备", "Box"),
    "rights_ref": ("假名", "Pseudonym"),
    "rights_export": ("导出副本", "Export a copy"),
    "rights_erase": ("删除", "Delete"),
    "rights_asked": ("已提交，结果显示在下面。", "Asked for; the outcome appears below."),
    "rights_failed": ("未提交", "Not asked for"),
    "rights_sure": ("永久删除此人的数据？", "Delete this person's data for good?"),
    "rights_sure_hint": (
        "设备将删除其人脸模板、门卡、密码、同意记录、车辆和通行图片，无法恢复。请再次输入假名以确认。",
        (
            "The box deletes templates, cards, PIN, consents, vehicles and pictures of their passages; nothing brings "
            "them back. Type the pseudonym again to confirm."
        ),
    ),
    "rights_sure_go": ("永久删除", "Delete for good"),
    "rights_requests": ("请求与结果", "Requests and their outcome"),
    "rights_none": ("还没有请求", "No request yet"),
    "rights_what": ("请求", "Request"),
    "rights_who": ("请求人", "Asked by"),
    "rights_when": ("时间", "Asked at"),
    "rights_outcome": ("结果", "Outcome"),
    "rights_kind_export": ("导出", "Copy"),
    "rights_kind_erase": ("删除", "Deletion"),
    "rights_state_waiting": ("等待设备", "Waits for the box"),
    "rights_state_offline": ("设备离线，等它上线后执行", "The box is offline; done when it comes back"),
    "rights_state_sent": ("已发送，等待答复", "Sent, no answer yet"),
    "rights_state_accepted": ("设备正在执行", "The box is at it"),
    "rights_state_done": ("已完成", "Done"),
    "rights_state_refused": ("设备拒绝", "Refused by the box"),
    "rights_state_failed": ("失败", "Failed"),
    "rights_state_expired": ("已过期", "Expired"),
    "rights_until": ("最迟到 {time}", "until {time} at the latest"),
    "rights_no_answer": ("设备没有在期限内答复", "the box gave no answer in time"),
    "rights_fetch": ("下载副本", "Download the copy"),
    "rights_fetch_until": ("可下载至 {time}", "can be downloaded until {time}"),
    "rights_fetch_other": ("仅 {by} 可下载，至 {time}", "for {by} only, until {time}"),
    "rights_fetch_over": ("副本已删除", "the copy is gone from here"),
    "rights_here": (
        "中心已删除 {n} 张图片和文件（{of} 次通行）",
        "At the center: {n} pictures and files of {of} passages deleted",
    ),
}
