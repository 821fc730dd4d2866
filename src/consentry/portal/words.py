"""Terms of the public pages in both languages; the pages' sentences stand in the templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.cameras.model import CameraState
from consentry.platform.settings.camera import ZoneType

if TYPE_CHECKING:
    from datetime import timedelta

__all__ = ["STATES", "ZONES", "length"]

ZONES: Final = {
    ZoneType.ENTRANCE: {"zh-CN": "出入口", "en": "Entrance"},
    ZoneType.AISLE: {"zh-CN": "通道", "en": "Aisle"},
    ZoneType.SALES_FLOOR: {"zh-CN": "卖场", "en": "Sales floor"},
    ZoneType.LOBBY: {"zh-CN": "大堂", "en": "Lobby"},
    ZoneType.CORRIDOR: {"zh-CN": "走廊", "en": "Corridor"},
    ZoneType.SHOWROOM: {"zh-CN": "展厅", "en": "Showroom"},
    ZoneType.CHECKOUT: {"zh-CN": "收银区", "en": "Checkout"},
    ZoneType.QUEUE: {"zh-CN": "排队区", "en": "Queue"},
    ZoneType.LIFT_LOBBY: {"zh-CN": "电梯厅", "en": "Lift lobby"},
    ZoneType.OUTDOOR_PATH: {"zh-CN": "室外通道", "en": "Outdoor path"},
    ZoneType.CAR_PARK: {"zh-CN": "停车场", "en": "Car park"},
}

STATES: Final = {
    CameraState.INCOMPLETE: {"zh-CN": "未启用，登记资料不全", "en": "off, its record is incomplete"},
    CameraState.STARTING: {"zh-CN": "启动中", "en": "starting"},
    CameraState.CONNECTING: {"zh-CN": "连接中", "en": "connecting"},
    CameraState.LIVE: {"zh-CN": "计数中", "en": "counting"},
    CameraState.STALLED: {"zh-CN": "画面中断", "en": "no picture comes"},
    CameraState.WAITING: {"zh-CN": "等待重连", "en": "waiting to reconnect"},
    CameraState.FAILED: {"zh-CN": "故障", "en": "failed"},
    CameraState.ENDED: {"zh-CN": "已结束", "en": "ended"},
    CameraState.STOPPED: {"zh-CN": "已停止", "en": "stopped"},
    CameraState.SILENT: {"zh-CN": "没有回应", "en": "silent"},
}
"""What a camera is doing."""


def length(value: timedelta, language: str) -> str:
    """Write a retention in the reader's language: whole days, or hours below a day."""
    if value.days:
        return f"{value.days} 天" if language == "zh-CN" else f"{value.days} day{'' if value.days == 1 else 's'}"
    hours = max(1, value.seconds // 3600)
    return f"{hours} 小时" if language == "zh-CN" else f"{hours} hour{'' if hours == 1 else 's'}"
