"""What the page that helps to install the local authority says, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.settings.model import Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["STEPS", "WORDS"]

WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.CHINESE: {
        "called": "中文",
        "languages": "语言",
        "title": "让这台设备信任本站点",
        "why": "本站点的网页使用自建证书机构加密，不经过互联网。设备安装一次该机构的证书，以后打开网页就不再出现警告。",
        "compare_title": "第一步：先核对指纹",
        "compare": "请向管理员索取创建站点时显示的 SHA-256 指纹，逐组核对。完全一致才继续。",
        "differs": "如果不一致，请勿安装，并立即告诉管理员：可能有人在网络中冒充本站点。",
        "files_title": "第二步：下载证书",
        "profile_name": "iPhone、iPad、Mac：描述文件（.mobileconfig）",
        "certificate_name": "安卓、Windows、其他设备：证书（.crt）",
        "limits_title": "安装后它能做什么",
        "limits": "该证书只能为本站点的名称、仅在局域网内存在的名称和私有地址作证，不能冒充互联网上的网站。不再使用时请从设备中删除。",
    },
    Language.ENGLISH: {
        "called": "English",
        "languages": "Languages",
        "title": "Let this device trust this site",
        "why": "The pages of this site are protected by a certificate authority of its own, without the internet. "
        "Once a device has installed the authority's certificate, the pages open without a warning.",
        "compare_title": "First: compare the fingerprint",
        "compare": "Ask the administrator for the SHA-256 fingerprint that was shown when the site was founded, and compare every pair. "
        "Go on only where all are the same.",
        "differs": "If one differs, install nothing and tell the administrator at once: somebody in the network may pose as this site.",
        "files_title": "Second: fetch the certificate",
        "profile_name": "iPhone, iPad, Mac: profile (.mobileconfig)",
        "certificate_name": "Android, Windows, others: certificate (.crt)",
        "limits_title": "What it can do once it is installed",
        "limits": "It vouches only for the names of this site, for names that exist inside a local network alone, and for private addresses; it cannot "
        "pose as a web site of the internet. Remove it from the device when you no longer need it.",
    },
}
"""The page's words by language and place."""

STEPS: Mapping[Language, Mapping[str, Sequence[str]]] = {
    Language.CHINESE: {
        "iPhone、iPad": (
            "用 Safari 打开本页，点描述文件并选择“允许”。",
            "打开“设置”，点“已下载描述文件”，再点“安装”。",
            "打开“设置 → 通用 → 关于本机 → 证书信任设置”，为该证书打开开关。",
        ),
        "安卓": (
            "下载证书（.crt）。",
            "打开“设置”，搜索“CA 证书”，选择“仍要安装”，选中下载的文件。",
            "在“用户凭据”或“信任的凭据 → 用户”中确认它已列出。",
        ),
        "Windows": (
            "下载证书（.crt），双击打开，点“安装证书”。",
            "选择“本地计算机”，再选择“将所有的证书都放入下列存储”，点“浏览”，选“受信任的根证书颁发机构”。",
            "完成后重新打开浏览器。",
        ),
        "macOS": (
            "下载描述文件并双击，打开“系统设置 → 通用 → 设备管理”，点“安装”。",
            "在“钥匙串访问”中双击该证书，展开“信任”，选择“始终信任”。",
        ),
    },
    Language.ENGLISH: {
        "iPhone, iPad": (
            "Open this page in Safari, tap the profile, and choose Allow.",
            "Open Settings, tap Profile Downloaded, then Install.",
            "Open Settings → General → About → Certificate Trust Settings and switch the certificate on.",
        ),
        "Android": (
            "Fetch the certificate (.crt).",
            "Open Settings, search for CA certificate, choose Install anyway, and pick the file.",
            "See that it is listed under Trusted credentials → User.",
        ),
        "Windows": (
            "Fetch the certificate (.crt), open it with a double click, choose Install Certificate.",
            "Choose Local Machine, then Place all certificates in the following store, Browse, Trusted Root Certification Authorities.",
            "Open the browser anew when it is done.",
        ),
        "macOS": (
            "Fetch the profile, open it with a double click, open System Settings → General → Device Management, choose Install.",
            "In Keychain Access, open the certificate with a double click, unfold Trust, choose Always Trust.",
        ),
    },
}
"""What to do on each kind of device, by language."""
