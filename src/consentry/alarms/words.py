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
    }
)

SEVERITIES: Mapping[Severity, tuple[str, str]] = MappingProxyType(
    {Severity.NOTICE: ("提示", "notice"), Severity.WARNING: ("警告", "warning"), Severity.CRITICAL: ("严重", "critical")}
)

STEPS: Mapping[Step, tuple[str, str]] = MappingProxyType(
    {Step.RAISED: ("新警报", "New alarm"), Step.ESCALATED: ("警报升级：无人确认", "Escalated: nobody has acknowledged"), Step.CLOSED: ("已解除", "Over")}
)
