"""What people are told about an alarm, in Chinese and in English: what is wrong, and what to do. Texts for mail; pages have catalogues."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from consentry.alarms.model import AlarmKind, Severity, Step

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "SEVERITIES", "STEPS", "Words"]


class Words(NamedTuple):
    """A title and what to do about it, in both languages."""

    zh: str
    en: str
    zh_mend: str
    en_mend: str


KINDS: Mapping[AlarmKind, Words] = MappingProxyType(
    {
        AlarmKind.CAMERA_STOPPED: Words(
            "摄像头未在计数",
            "A camera is not counting",
            "检查摄像头的电源、网络和地址，然后查看控制台中的摄像头页面。",
            "Check its power, network and address, then look at its page in the console.",
        ),
        AlarmKind.CAMERA_GAP: Words(
            "摄像头计数中断过",
            "A camera missed some time",
            "中断时段已记入台账，该时段没有数据。确认原因。",
            "The gap is in the ledger; there are no figures for it. Confirm its cause.",
        ),
        AlarmKind.DISK_LOW: Words(
            "磁盘空间不足",
            "The disk is nearly full",
            "清理数据所在磁盘，或缩短保存期限。",
            "Make room on the disk of the data folder, or shorten what is kept.",
        ),
        AlarmKind.CLOCK_JUMP: Words(
            "系统时钟跳变",
            "The clock jumped",
            "检查时间同步服务；跳变前后的数据可能归入错误的时刻。",
            "Check the time service; figures around the jump may belong to another time.",
        ),
        AlarmKind.JOB_LATE: Words(
            "后台任务延误",
            "A background job is late",
            "查看服务日志中该任务的错误。",
            "Look for the job's error in the log of the service.",
        ),
        AlarmKind.RETENTION_OVERDUE: Words(
            "有数据超过保存期限",
            "Records are kept longer than allowed",
            "查看服务日志，使删除任务恢复运行。",
            "Look into the log of the service and get the deletion running again.",
        ),
        AlarmKind.LEDGER_AUDIT_FAILED: Words(
            "台账核验失败",
            "The ledger failed its audit",
            "不要改动数据；运行 consentry ledger audit，并通知数据保护负责人。",
            "Change nothing; run `consentry ledger audit` and tell the data-protection officer.",
        ),
        AlarmKind.CERTIFICATE_EXPIRING: Words(
            "TLS 证书即将到期",
            "The TLS certificate expires soon",
            "更新证书，否则浏览器将无法访问。",
            "Renew it, or browsers will refuse the site.",
        ),
        AlarmKind.BACKUP_OLD: Words(
            "备份过旧",
            "The last backup is old",
            "运行 consentry backup，并检查定时任务。",
            "Run `consentry backup`, and check what should run it regularly.",
        ),
        AlarmKind.DELIVERY_FAILED: Words(
            "警报无法送达",
            "Alarms cannot be delivered",
            "检查设置中的 [alarms] 和邮件服务器或接收程序。",
            "Check [alarms] in the settings, and the mail server or the receiving program.",
        ),
        AlarmKind.RECOGNITION_INCIDENT: Words(
            "识别异常，识别点已停用",
            "Something happened in recognition that must not; the station is stopped",
            "在台账中查看该事件，查明原因后在控制台恢复该识别点。",
            "Read the incident in the ledger, find its cause, then resume the station in the console.",
        ),
        AlarmKind.VAULT_AWAY: Words(
            "保险库没有应答",
            "The vault does not answer",
            "查看服务日志；在它恢复之前，请使用不需要人脸的方式。",
            "Look at the log of the service; until it is back, people go the other way.",
        ),
        AlarmKind.ERASURE_LATE: Words(
            "有模板尚未删除",
            "A template is not erased yet",
            "同意已终止，但保险库尚未确认删除。请立即使保险库恢复运行。",
            "A consent is over and the vault has not confirmed the erasure. Bring the vault back at once.",
        ),
        AlarmKind.VERDICT_DUE: Words(
            "有签约尚未判客",
            "A contract waits for its verdict",
            "在控制台打开该签约，核对证据后签署或退回。",
            "Open the contract in the console, check the evidence, then sign or send back.",
        ),
        AlarmKind.APPEAL_DUE: Words(
            "有申诉尚未答复",
            "An appeal waits for its answer",
            "由未签署原判的另一位负责人在控制台作出决定。",
            "Let somebody who did not sign the verdict decide it in the console.",
        ),
        AlarmKind.DOOR_FORCED: Words(
            "门被强行打开",
            "A door was forced open",
            "立即派人到门口查看，然后在此写明原因。",
            "Send somebody to the door at once, then write down the cause here.",
        ),
        AlarmKind.DOOR_HELD_OPEN: Words(
            "门开启时间过长",
            "A door stands open for too long",
            "派人关门；如果是搬运物品，请有人看守。",
            "Have it shut; while things are carried through, somebody should stand by.",
        ),
        AlarmKind.DOOR_TAMPER: Words(
            "门口设备被拆动",
            "A device at a door was opened or torn off",
            "立即派人查看读卡器和接线盒；在查清之前不要信任该门的读取设备。",
            "Have its readers and its box looked at once; trust none of them before that.",
        ),
        AlarmKind.DOOR_FAULT: Words(
            "门或门锁故障",
            "A door or its lock does not work",
            "检查门锁、门磁和供电；在修好之前请安排人员。",
            "Check lock, contact and power; have somebody stand by until it is mended.",
        ),
        AlarmKind.DURESS: Words(
            "有人在胁迫下开门",
            "Somebody opened a door under duress",
            "立即按应急预案通知保安或警方；不要致电门口，也不要在门口屏幕上作任何提示。",
            "Follow your emergency plan and call security or the police at once; neither ring the door nor show anything there.",
        ),
        AlarmKind.READER_FAULT: Words(
            "门口读取设备故障",
            "A reader at a door does not work",
            "检查供电和接线；其他方式仍可使用。",
            "Check its power and wiring; the other ways go on.",
        ),
        AlarmKind.FACE_ALONE: Words(
            "只剩人脸方式，已停用",
            "Nothing but the face would open a door; it is stopped",
            "立即派人到门口为大家开门，并修复刷卡、密码或二维码设备。",
            "Send somebody to open the door for people, and mend its card, PIN or code reader.",
        ),
        AlarmKind.CONTROLLER_AWAY: Words(
            "门禁控制器失联",
            "A door controller does not report",
            "检查其供电和网络；门会按已下发的规则继续工作，但新的撤销暂时到不了门口。",
            "Check its power and network; its doors go on by the rules they have, but new revocations do not reach them.",
        ),
        AlarmKind.DOOR_CLOCK: Words(
            "门禁控制器时钟不准",
            "The clock of a door controller is wrong",
            "检查其时间同步；在此之前手机二维码可能打不开门。",
            "Check its time service; codes on telephones may not open its doors before that.",
        ),
        AlarmKind.DOOR_POLICY_EXPIRED: Words(
            "门禁规则已过期，门保持关闭",
            "The rules of a door controller expired; its doors stay shut",
            "使控制器重新连接服务器；在此之前请派人开门。",
            "Connect the controller to the server again; have somebody open the doors until then.",
        ),
        AlarmKind.DOOR_LOG_FULL: Words(
            "门禁控制器的记录即将存满",
            "The log of a door controller is nearly full",
            "使其重新连接服务器；存满之后不再放行。",
            "Connect it to the server again; when the log is full, nobody is let in.",
        ),
        AlarmKind.DOOR_EVENTS_LOST: Words(
            "门禁事件有缺失",
            "Events of a door controller are lost",
            "台账记有缺失的数量；查明原因（磁盘、还原的备份）并写在此处。",
            "The ledger has how many; find the cause, such as a disk or a restored backup, and write it down here.",
        ),
        AlarmKind.DOOR_LOG_BROKEN: Words(
            "门禁控制器的记录前后不符",
            "The log of a door controller contradicts itself",
            "可能有人改动过；保留该设备以供检查，撤销其配对并换用另一台。",
            "Somebody may have changed it; keep the device for whoever looks into it, revoke it and pair another.",
        ),
        AlarmKind.DOOR_PARITY: Words(
            "不刷脸的人在门口等得更久",
            "Whoever shows no face waits longer at a door",
            "查看各方式用时。在多人中查找人脸的门先改回一对一比对（face_one_to_n = false），并统一房号和密码的位数，让人少按键，直到差距消失。",
            "Look at the times by way. Let a door that searches among faces compare one to one (face_one_to_n = false), and give units and PINs one number of "
            "digits so that people press fewer keys, until the difference is gone.",
        ),
    }
)

SEVERITIES: Mapping[Severity, tuple[str, str]] = MappingProxyType(
    {Severity.NOTICE: ("提示", "notice"), Severity.WARNING: ("警告", "warning"), Severity.CRITICAL: ("严重", "critical")}
)

STEPS: Mapping[Step, tuple[str, str]] = MappingProxyType(
    {Step.RAISED: ("新警报", "New alarm"), Step.ESCALATED: ("警报升级：无人确认", "Escalated: nobody has acknowledged"), Step.CLOSED: ("已解除", "Over")}
)
