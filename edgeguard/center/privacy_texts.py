"""The words of the pages of privacy, in Chinese and English; `texts` has them with all others."""

from typing import Final

PRIVACY_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "privacy_page": ("隐私", "Privacy"),
    "privacy_hint": (
        "姓名、车牌和人脸模板只保存在设备上。这里只有数字和假名。",
        "Names, plates and face templates stay on the boxes. Here are numbers and pseudonyms only.",
    ),
    "privacy_none": ("还没有设备报告通行名单", "No box has told of a directory yet"),
    "filing": ("人脸数量与备案", "Faces, and the filing"),
    "filing_number": ("备案号：{number}", "Filing number: {number}"),
    "filing_none": ("未设置", "none set"),
    "filing_due": (
        "已达到 10 万张人脸，须在 30 日内向省级网信部门备案。",
        "100,000 faces reached: a filing with the authority is due within 30 days.",
    ),
    "privacy_consents": ("有效同意", "consents in force"),
    "privacy_faces": ("人脸模板", "face templates"),
    "privacy_withdrawn": ("30 天内撤回", "withdrawn in 30 days"),
    "privacy_due": ("30 天内到期", "end within 30 days"),
    "told_at": ("{time} 报告", "told at {time}"),
    "due_title": ("即将到期的同意", "Consents that end soon"),
    "due_until": ("到期日", "Until"),
    "due_more": ("另有 {n} 条", "and {n} more"),
    "pseudonym": ("假名", "Pseudonym"),
    "gates_title": ("各门", "Gates"),
    "gate_name": ("门", "Gate"),
    "gate_people": ("人员", "People"),
    "gate_vehicles": ("车辆", "Vehicles"),
    "gate_faces": ("人脸", "Faces"),
    "keep_box": ("设备上的保存期限", "How long the box keeps"),
    "keep_center": ("中心的保存期限", "How long the center keeps"),
    "keep_class": ("数据类别", "Data"),
    "keep_days": ("期限", "Kept for"),
    "keep_pictures": ("报警图片", "Pictures of alarms"),
    "keep_events": ("报警记录", "Records of alarms"),
    "keep_people": ("访客、施工人员（离开后）", "Visitors and contractors, after their last day"),
    "keep_vehicles": ("车辆（到期后）", "Vehicles, after their last day"),
    "keep_consents": ("同意的证明（结束后）", "Proof of consent, after its end"),
    "keep_passages": ("通行状态", "Who is inside"),
    "keep_audit": ("审计日志", "Audit trail"),
    "print": ("打印", "Print"),
    # drafts
    "doc_draft": (
        "草稿：由配置自动生成，须由负责人核对、补充后才能使用；本文不是法律意见。",
        "Draft, made from the configuration. A responsible person must check and complete it; it is no legal advice.",
    ),
    "doc_notice": ("个人信息处理告知书", "Notice on the processing of personal information"),
    "doc_assessment": ("个人信息保护影响评估", "Personal information protection impact assessment"),
    "doc_who": ("处理者", "Who is responsible"),
    "doc_contact": ("联系方式", "Contact"),
    "doc_purpose": ("处理目的", "Purpose"),
    "doc_purpose_draft": (
        "维护小区公共安全：发现电动自行车进电梯、人员倒地、聚集、火灾隐患等情况，以及住户与访客的通行管理。",
        "Safety of the compound: e-bikes in lifts, falls, crowds, fire hazards; and letting residents and visitors in.",
    ),
    "doc_necessity": ("必要性", "Necessity"),
    "doc_necessity_ask": (
        "请说明为什么每台摄像机都是必要的，以及为什么没有影响更小的办法：",
        "Say why each camera is needed, and why nothing that intrudes less would do:",
    ),
    "doc_cameras": ("摄像机及用途", "Cameras and what they watch for"),
    "doc_cameras_none": ("还没有设备报告摄像机", "No box has told its cameras yet"),
    "doc_place": ("位置", "Place"),
    "doc_watches": ("识别内容", "Watches for"),
    "doc_data": ("处理的信息", "What is processed"),
    "doc_data_is": (
        "报警时的图片（默认对头部打码）、时间、地点和类型；不识别年龄、性别、情绪，不跨摄像机跟踪个人。",
        (
            "At an alarm a picture (heads blurred by default), time, place and kind. No age, gender or emotion; nobody "
            "is followed from camera to camera."
        ),
    ),
    "doc_data_faces": (
        "经单独同意登记的住户：加密的人脸模板；登记照片在生成模板后删除。人脸不是唯一的通行方式。",
        (
            "Of those who have consented separately: an encrypted template of the face; the photo is deleted. A face "
            "is never the only way in."
        ),
    ),
    "doc_kept": ("保存期限", "How long it is kept"),
    "doc_stored": ("保存地点", "Where it is stored"),
    "doc_stored_is": (
        "画面在小区内的设备上分析，连续视频不上传；报警记录、图片、允许上传的短片和值守人员调看的实时画面发送到管理中心的服务器。",
        (
            "Pictures are analysed on boxes in the compound; no continuous video leaves them. Alarms, their pictures, "
            "short clips where the site allows it, and live pictures asked for go to the control room's own server."
        ),
    ),
    "doc_stored_faces": (
        "人脸模板只在设备上加密保存，不通过互联网传输。",
        "Templates stay encrypted on the box and are not sent over the internet.",
    ),
    "doc_rights": ("您的权利", "Your rights"),
    "doc_rights_is": (
        "您可以查询、复制、更正、删除您的信息，并可以投诉。请按下面的联系方式提出。",
        "You may see, copy, correct and delete what is kept of you, and complain. Turn to the contact below.",
    ),
    "doc_rights_faces": (
        "人脸登记的同意可以随时撤回，模板随即删除；不登记人脸也可以用门卡、密码、二维码或由门卫放行。",
        (
            "Consent to the use of your face may be withdrawn at any time, and the template is deleted; without it a "
            "card, PIN, code or the guard lets you in."
        ),
    ),
    "doc_measures": ("保护措施", "Measures"),
    "doc_measures_is": (
        "头部打码、车牌默认只发送带密钥的散列值、传输加密、命令签名、账号登录、到期自动删除、操作留痕。",
        (
            "Heads blurred, plates told as keyed hashes by default, encrypted transport, signed commands, accounts, "
            "deletion when time is up, and a trail of what people did."
        ),
    ),
    "doc_risks": ("风险", "Risks"),
    "doc_risks_is": (
        "误报可能使无关人员受到询问；未授权访问可能泄露图片；用途可能被扩大。请逐项评估可能性与影响：",
        (
            "A false alarm may have somebody questioned; access without right may show pictures; the use may creep. "
            "Judge how likely and how grave each is:"
        ),
    ),
    "doc_risks_faces": (
        "人脸信息一旦泄露无法更改；仅用普通摄像机的活体检测能挡住照片和手机，不能挡住更高明的手段。",
        "A face that has leaked cannot be changed; liveness by an ordinary camera stops paper and phones, no more.",
    ),
    "doc_filing_doc": ("备案", "Filing"),
    "doc_filing_not": (
        "已登记 {n} 张人脸，未达到 {limit} 张的备案数量。",
        "{n} faces are enrolled, below the {limit} from which a filing is due.",
    ),
    "doc_filing_due": (
        "已登记 {n} 张人脸，达到 {limit} 张，须向省级网信部门备案。",
        "{n} faces are enrolled, which reaches {limit}: a filing is due.",
    ),
    "doc_conclusion": ("结论", "Conclusion"),
    "doc_conclusion_ask": (
        "请写明评估结论、整改措施和期限：",
        "Write the conclusion, what is to be done, and by when:",
    ),
    "doc_sign": ("负责人、日期：", "Responsible person, date:"),
}
