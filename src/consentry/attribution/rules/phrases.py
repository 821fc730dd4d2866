"""The sentences of a verdict's reason, Chinese and English; names in braces are filled in by ``wording``."""

from __future__ import annotations

from consentry.attribution.model import Flag, Mode, VerdictKind

DECIDED = {
    (VerdictKind.CHANNEL, Mode.VISIT_FIRST): (
        "本单归渠道{agencies}：在签约时仍受保护的到访中，其到访最早。",
        "The client belongs to agency {agencies}: of the visits that were still protected at the signing, the one that it brought came first.",
    ),
    (VerdictKind.CHANNEL, Mode.REPORT_FIRST): (
        "本单归渠道{agencies}：在签约时仍受保护的报备中，其报备最早。",
        "The client belongs to agency {agencies}: of the reports that were still protected at the signing, its report came first.",
    ),
    (VerdictKind.SPLIT, Mode.VISIT_FIRST): (
        "本单由渠道{agencies}共享：在签约时仍受保护的到访中，其到访最早且在同一时刻。",
        "The client is shared by the agencies {agencies}: the earliest visits that were still protected at the signing came at the same instant.",
    ),
    (VerdictKind.SPLIT, Mode.REPORT_FIRST): (
        "本单由渠道{agencies}共享：在签约时仍受保护的报备中，其报备最早且在同一时刻。",
        "The client is shared by the agencies {agencies}: the earliest reports that were still protected at the signing came at the same instant.",
    ),
}
NATURAL = ("本单为自然成交：签约时没有渠道持有有效主张。", "The client came by themselves: no agency held a live claim at the signing.")
MANUAL = ("本单须由人工判定。", "People must decide this case.")
CONTRADICTED = (
    "有记录称两个登记为同一人，另有记录称其并非同一人。",
    "One record says that two entries are the same person, and another says that they are not.",
)
STATED = ("客户可信地陈述：此前还有一次未被记录的到访。", "A client credibly states an earlier visit that nobody recorded.")
CLOCKS = (
    "接待终端曾断网：按日志收到的时间应判为“{received}”，按终端自身时钟应判为“{claimed}”；恢复联网的早晚不得决定归属。",
    (
        "The desk was cut off: by the time at which the log received the visit the verdict would be “{received}”, by the desk's own clock “{claimed}”; "
        "when a desk reconnects must not decide."
    ),
)
OUTCOMES = {
    VerdictKind.NATURAL: ("自然成交", "no agency"),
    VerdictKind.CHANNEL: ("归渠道{agencies}", "agency {agencies}"),
    VerdictKind.SPLIT: ("由渠道{agencies}共享", "shared by {agencies}"),
    VerdictKind.MANUAL: ("人工判定", "for people to decide"),
}
NO_VISIT = ("签约前没有买方或其近亲属的到访记录。", "No visit of the buyers or their kin in scope is recorded up to the signing.")
WALK_IN = ("{arrived}的到访未由渠道带来。", "The visit of {arrived} was without an agency.")
CLAIM = (
    "渠道{agency}于{reported}报备，客户于{arrived}到访，并经到访码或本人确认；相隔{waited}，规则要求不少于{lead}、不超过{valid}。",
    (
        "Agency {agency} reported the client on {reported}; the client arrived on {arrived}, confirmed by visit code or in person, {waited} later; "
        "the rules ask for at least {lead} and at most {valid}."
    ),
)
LIVE = (
    "签约于{signed}，距该到访{since}，在{protection}的保护期内。",
    "The contract was signed on {signed}, {since} after that visit and within the protection of {protection}.",
)
ENDED = (
    "签约于{signed}，距该到访{since}，已超过{protection}的保护期，该主张终止。",
    "The contract was signed on {signed}, {since} after that visit and beyond the protection of {protection}, so that claim has ended.",
)
LATER = ("该主张有效，但不是最早。", "That claim was live, and not the earliest.")
UNRECEIVED = ("{arrived}的到访所指的报备，到签约时日志仍未收到。", "The visit of {arrived} names a report that the log had not received by the signing.")
FAILED = {
    Flag.MASK_ONLY: (
        "{arrived}的到访只与渠道{agency}的报备相符，未扫到访码，也未经到访人确认，不构成主张。",
        "The visit of {arrived} only resembles the report of agency {agency}: no visit code was scanned and the visitor confirmed nobody, so it is no claim.",
    ),
    Flag.NO_CONTRACT: (
        "渠道{agency}于{reported}报备时没有有效的合作合同。",
        "Agency {agency} had no contract when its report was received on {reported}.",
    ),
    Flag.MISMATCH: (
        "{arrived}的到访所用的渠道{agency}报备，报备的是另一位客户。",
        "The report of agency {agency} that the visit of {arrived} names is about another client.",
    ),
    Flag.REFUSED: (
        "开发商在{reply}内拒绝了渠道{agency}于{reported}的报备。",
        "The developer refused the report of agency {agency} of {reported} within {reply}.",
    ),
    Flag.LATE: (
        "渠道{agency}的报备于{reported}收到，客户于{arrived}到访，提前量为{waited}，规则要求不少于{lead}，报备过晚。",
        (
            "The report of agency {agency} was received on {reported} and the client arrived on {arrived}: a lead of {waited} where the rules ask for "
            "at least {lead}, so it was late."
        ),
    ),
    Flag.OUTAGE: (
        "渠道{agency}的报备于{reported}收到，客户于{arrived}到访，提前量不足{lead}；但该报备在一次停机结束后五分钟内收到，是否因停机延误，规则无法判断。",
        (
            "The report of agency {agency} was received on {reported} and the client arrived on {arrived}, less than {lead} later; but the report was received "
            "within five minutes after an outage, and the rules cannot tell whether the outage held it up."
        ),
    ),
    Flag.EXPIRED: (
        "渠道{agency}于{reported}报备，客户于{arrived}才到访，相隔{waited}，超过报备有效期{valid}。",
        "Agency {agency} reported on {reported} and the client arrived on {arrived}, {waited} later, beyond the {valid} for which a report is valid.",
    ),
    Flag.UNDER_PROTECTION: (
        "渠道{agency}于{reported}报备时，客户正处于另一渠道的保护期内。",
        "When the report of agency {agency} was received on {reported}, the client was under the protection of another agency.",
    ),
    Flag.WASHING: (
        "该客户或其近亲属已于{contact}自然到访，渠道{agency}于{reported}才报备，未超过{natural}的自然客户保护期，其主张不成立。",
        (
            "The client or their kin had come on {contact} without a valid claim of an agency, and agency {agency} reported only on {reported}, within the "
            "{natural} for which such clients are protected, so its claim is lost."
        ),
    ),
}
MARKS = {
    Flag.PHONE_CHANGE: ("同一客户先后使用了不同的电话号码。", "One and the same client appears under different telephone numbers."),
    Flag.TIME_EDITED: ("有记录事后被修改；以首次记录为准。", "A record was edited afterwards; its first value stands."),
}
ZONE = ("时间均为{zone}。", "Times are in {zone}.")
