"""Every word of the pages, in Chinese and English."""

from typing import Final

from edgeguard.center.config import Language
from edgeguard.center.page_texts import PAGE_TEXTS

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "product": ("值守台", "control room"),
    "source": ("源代码", "Source code"),
    "log_in": ("登录", "Log in"),
    "log_out": ("退出", "Log out"),
    "name": ("用户名", "Name"),
    "password": ("密码", "Password"),
    "password_again": ("再次输入密码", "Password again"),
    "set_up": ("创建第一个账号", "Create the first account"),
    "set_up_hint": (
        "请输入启动程序时终端上显示的一次性设置码。",
        "Enter the one-time set-up token that the program printed on its terminal.",
    ),
    "token": ("设置码", "Set-up token"),
    "language": ("语言", "Language"),
    "create": ("创建并登录", "Create and log in"),
    "password_rule": ("至少 10 个字符", "At least 10 characters"),
    # refusals: keys of AccessError
    "wrong_login": ("用户名或密码不正确。", "The name or the password is wrong."),
    "too_many": ("尝试次数过多，请 15 分钟后再试。", "Too many tries. Wait 15 minutes."),
    "setup_wrong": ("设置码不正确。", "The set-up token is wrong."),
    "setup_expired": (
        "设置码已过期，请重新启动程序以获取新的设置码。",
        "The set-up token has expired. Restart the program to get a new one.",
    ),
    "setup_spent": ("账号已创建，请登录。", "The first account exists already. Log in."),
    "bad_name": ("请填写用户名（最多 64 个字符）。", "Give a name of 1 to 64 printable characters."),
    "short_password": ("密码至少需要 10 个字符。", "The password needs at least 10 characters."),
    "passwords_differ": ("两次输入的密码不一致。", "The two passwords differ."),
    # header
    "broker_on": ("消息服务器已连接", "Broker connected"),
    "broker_off": ("消息服务器断开", "Broker away"),
    "boxes": ("设备 {online}/{total}", "Boxes {online}/{total}"),
    "cameras": ("摄像机 {ok}/{total}", "Cameras {ok}/{total}"),
    "no_boxes": ("还没有设备上线", "No box has been heard of yet"),
    "online": ("在线", "online"),
    "offline": ("离线", "offline"),
    "unknown": ("未知", "unknown"),
    "camera_ok": ("正常", "ok"),
    "camera_degraded": ("质量下降", "degraded"),
    "camera_blind": ("无画面", "no picture"),
    "camera_off": ("已关闭", "off"),
    "stream_lost": (
        "与服务器的连接已中断，画面可能不是最新状态",
        "Connection to the server lost: what you see may be out of date",
    ),
    "sound_off": (
        "声音未开启，报警时不会有提示音。点击此处开启声音",
        "Sound is off: alarms will be silent. Click here to turn it on",
    ),
    # board
    "open_alarms": ("待处理报警", "Open alarms"),
    "unacknowledged": ("{n} 条未确认", "{n} unacknowledged"),
    "all_clear": ("目前没有报警", "No open alarms"),
    "all_clear_hint": ("新报警会立即显示在这里", "A new alarm appears here at once"),
    "recent": ("最近报警", "Recent alarms"),
    "no_recent": ("暂无记录", "None yet"),
    "no_picture": ("等待画面", "Waiting for the picture"),
    "picture_of": ("报警画面", "Picture of the alarm"),
    # place
    "building": ("{0}栋", "Building {0}"),
    "unit": ("{0}单元", "Unit {0}"),
    "lift": ("{0}电梯", "Lift {0}"),
    "gate": ("{0}", "Gate {0}"),
    # state
    "state_new": ("未确认", "New"),
    "state_seen": ("已确认", "Acknowledged"),
    "state_handled": ("已处理", "Resolved"),
    "state_false_alarm": ("误报", "False alarm"),
    "phase_active": ("进行中", "Ongoing"),
    "phase_cleared": ("已离开，观察中", "Cleared, watching"),
    "phase_ended": ("已结束", "Ended"),
    "outcome_complied": ("已推出电梯", "Taken out of the lift"),
    "outcome_travelled": ("随电梯离开", "Travelled with the lift"),
    "outcome_unknown": ("结果未知", "Outcome unknown"),
    "late": ("补传", "Arrived late"),
    "severity_critical": ("紧急", "Critical"),
    "severity_warning": ("警告", "Warning"),
    "severity_info": ("提示", "Information"),
    "since": ("已持续", "For"),
    "lasted": ("持续", "Lasted"),
    "voice_played": ("语音已播放 {time}（{phrase}）", "Voice played at {time} ({phrase})"),
    "voice_failed": ("语音未播放（{phrase}）：{result}", "Voice not played ({phrase}): {result}"),
    "voice_none": ("尚未播放语音", "No voice played yet"),
    "voice_no_device": ("没有音频设备", "no audio device"),
    "voice_quiet": ("静音时段", "quiet hours"),
    "acked_by": ("{by} 于 {time} {what}", "{what} by {by} at {time}"),
    # actions
    "acknowledge": ("确认", "Acknowledge"),
    "resolved": ("处理完毕", "Resolved"),
    "false_alarm": ("误报", "False alarm"),
    "note": ("备注", "Note"),
    "speak_lift": ("播放语音", "Play in lift"),
    "speak_gate": ("播放语音", "Play at the gate"),
    "speak_site": ("播放语音", "Play on the spot"),
    "choose_phrase": ("选择语音", "Choose a phrase"),
    "cancel": ("取消", "Cancel"),
    "save": ("保存", "Save"),
    "why": ("为什么是误报？", "Why was it a false alarm?"),
    "why_wheelchair": ("轮椅", "Wheelchair"),
    "why_pram": ("婴儿车", "Pram"),
    "why_bicycle": ("自行车", "Bicycle"),
    "why_luggage": ("行李、推车", "Luggage or trolley"),
    "why_nothing": ("画面中没有", "Nothing there"),
    "why_test": ("测试", "A test"),
    "why_other": ("其他", "Other"),
    "note_hint": ("写给下一班同事", "For the next shift"),
    "gone": ("该报警已不存在", "This alarm no longer exists"),
    "session_over": ("登录已过期", "Your session has ended"),
    # live picture, evidence
    "live": ("实时", "LIVE"),
    "live_show": ("查看实时画面", "Show live picture"),
    "live_asking": ("正在打开实时画面…", "Opening the live picture…"),
    "live_stale": ("{s} 秒没有新画面", "No picture for {s} s"),
    "live_offline": ("设备离线，没有实时画面", "No live picture: the box is offline"),
    "live_refused": ("没有实时画面", "No live picture"),
    "live_no_broker": ("消息服务器断开，没有实时画面", "No live picture: the broker is away"),
    "live_no_answer": ("设备没有回应，没有实时画面", "No live picture: the box does not answer"),
    "moment_before": ("之前", "before"),
    "moment_at": ("报警时", "at the alarm"),
    "moment_after": ("之后", "after"),
    "clip": ("录像", "video"),
    "more_open": ("还有 {n} 条更早的未结束报警", "{n} older open alarms are not shown"),
    "missing_events": ("缺 {n} 条事件，正在补传", "{n} events are missing and have been asked for"),
    # talk
    "talk_idle_lift": ("按住对电梯讲话", "Hold to talk into the lift"),
    "talk_idle_gate": ("按住对出入口讲话", "Hold to talk to the gate"),
    "talk_idle_site": ("按住对现场讲话", "Hold to talk to the spot"),
    "talk_asking": ("请允许使用麦克风…", "Asking for the microphone…"),
    "talk_connecting": ("正在接通…", "Connecting…"),
    "talk_speaking": ("正在讲话，松开结束", "Speaking, let go to end"),
    "talk_ending": ("正在结束…", "Ending…"),
    "talked_spoken": ("已讲话 {s} 秒", "Spoken for {s} s"),
    "talked_unconfirmed": ("已讲话 {s} 秒，设备未确认", "Spoken for {s} s, not confirmed by the box"),
    "talked_cut_off": ("已到时间上限，讲话结束", "Ended: the longest time has been reached"),
    "talked_lost": ("连接中断，讲话结束", "Ended: the connection was lost"),
    "talked_failed": ("没有播放出来", "Not heard there"),
    "talked_rejected": ("设备拒绝", "Refused by the box"),
    "talked_no_answer": ("设备没有回应", "The box did not answer"),
    "talked_no_broker": ("消息服务器未连接", "The broker is away"),
    "talked_offline": ("设备离线", "The box is offline"),
    "talked_busy": ("{who} 正在讲话", "{who} is speaking"),
    "talked_denied": (
        "浏览器不允许使用麦克风，请在地址栏中允许",
        "The browser may not use the microphone: allow it in the address bar",
    ),
    "talked_no_microphone": ("没有找到麦克风", "No microphone found"),
    "talked_insecure": (
        "讲话需要 HTTPS 连接，请用 https:// 打开本页",
        "Talking needs HTTPS: open this page with https://",
    ),
    "talk_line": ("{by} 于 {time} 讲话：{result}", "{by} spoke at {time}: {result}"),
    "talk_now": ("正在讲话", "speaking now"),
    # command states
    "cmd_sent": ("已发送", "Sent"),
    "cmd_accepted": ("设备已接受", "Accepted"),
    "cmd_done": ("已播放", "Played"),
    "cmd_failed": ("播放失败", "Failed"),
    "cmd_rejected": ("设备拒绝", "Rejected"),
    "cmd_expired": ("已过期", "Expired"),
    "detail_no_broker": ("消息服务器未连接", "the broker is away"),
    "detail_no_answer": ("设备没有回应", "the box did not answer"),
    # phrases of the voice
    "phrase_ebike_leave": ("请推出电动自行车", "please take the e-bike out"),
    "phrase_ebike_again": ("再次劝离", "please take it out, again"),
    "phrase_ebike_escalate": ("值班人员已收到通知", "staff have been told"),
    "phrase_ebike_thanks": ("感谢配合", "thank you"),
    "phrase_staff_coming": ("工作人员正在赶来", "staff are on their way"),
    "phrase_bicycle_notice": ("自行车提示", "bicycle notice"),
    "phrase_test": ("测试", "test"),
    **PAGE_TEXTS,
}


def text(language: str, key: str, **values: object) -> str:
    """The words for a key; raises KeyError for a key that is in no language."""
    chinese, english = TEXTS[key]
    template = chinese if language == "zh" else english
    return template.format(**values) if values else template


def word(language: str, prefix: str, value: str) -> str:
    """The words for a value the boxes chose; one this table does not know is shown as it came."""
    key = f"{prefix}_{value}"
    return text(language, key) if key in TEXTS else value


def other(language: str) -> Language:
    return "en" if language == "zh" else "zh"
