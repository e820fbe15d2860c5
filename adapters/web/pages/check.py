"""The check page: how far the record is sealed, and a place to hold a receipt against it, in the browser."""

import json
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from adapters.keys.files import KeyFiles
from adapters.sealed_log import NoCheckpoint, public_key
from adapters.web.pages.naming import Names
from adapters.web.pages.site import UsePage
from adapters.web.pages.words import EVENTS
from adapters.web.problems import problem
from domain.stages import Level
from services.audit.checkpoints import BadCheckpoint, parse

router: Final = APIRouter(prefix="/web")

VERDICTS: Final[Mapping[str, tuple[str, str]]] = {
    "holds": ("✓ 属实：已封存，未被改动。", "✓ It holds: sealed, and not changed since."),
    "signed": ("由 {} 于 {} 签署", "by {}, {}"),
    "place": ("第 {} 条，共 {} 条", "event {} of {}"),
    "grew": ("前 {} 条未变，共 {} 条", "the first {} are unchanged, of {}"),
    "today": ("记录增至 {} 条，其中仍有它（{}）", "the record has grown to {} and still holds it ({})"),
    "not_asked": ("没有问到服务器；回执本身属实", "the server could not be asked; the receipt itself holds"),
    "picture_root": ("已签名的根", "The signed root of"),
    "not_in_it": (
        "✗ 内容与签过名的记录对不上：回执被改过，请留好原件，向审计人员反映。",
        "✗ What it says is not in the signed record: it was changed. Keep the original, tell an auditor.",
    ),
    "bad_path": (
        "✗ 证明路径不完整，请重新下载回执再试。",
        "✗ Its path is not whole; download the receipt once more.",
    ),
    "not_signed": (
        "✗ 不是这个公钥签的：回执被改过，或公钥不对，请向镇街核对公钥。",
        "✗ Not signed by this key: it was changed, or the key is another; ask the office for its key.",
    ),
    "other_key": (
        "✗ 回执属于另一个记录，或公钥不完整，请核对公钥。",
        "✗ It is of another record, or the key is not whole; check the key.",
    ),
    "bad_key": (
        "✗ 公钥应为一行“名称+编号+密钥”，请照 sidan audit key 的输出粘贴。",
        "✗ A key is one line, name+id+key; paste it as `sidan audit key` shows it.",
    ),
    "gone": (
        "✗ 回执属实，但记录里已找不到它的检查点：封存被动过，请留好回执，向审计人员反映。",
        "✗ The receipt holds, but its checkpoint is gone from the record: keep the receipt, tell an auditor.",
    ),
    "cut": (
        "✗ 回执属实，但今天的记录比它还短：后面的被截掉了，请留好回执，向审计人员反映。",
        "✗ The receipt holds, but today's record is shorter: it was cut. Keep the receipt, tell an auditor.",
    ),
    "rewritten": (
        "✗ 记录不是从签过名的那一份接下来的：被改写过，请留好回执，向审计人员反映。",
        "✗ The record does not go on from the signed one. Keep the receipt, tell an auditor.",
    ),
    "other_format": (
        "✗ 这不是回执；导出的清单请用 examples/verify_receipt.py 核验。",
        "✗ This is no receipt; an export's manifest is checked with examples/verify_receipt.py.",
    ),
    "unreadable": (
        "✗ 文件读不懂，请选择从本系统下载的回执。",
        "✗ The file cannot be read; choose a receipt that was downloaded here.",
    ),
    "no_crypto": (
        "✗ 这个浏览器不能核验（需要 https 和较新的版本），请用 examples/verify_receipt.py。",
        "✗ This browser cannot check it (https and a newer one needed); use examples/verify_receipt.py.",
    ),
}


@router.get("/check")
def check(page: UsePage) -> Response:
    """The newest checkpoint and the town's key; the rest is done by static/check.js."""
    engine = page.engine
    try:
        sealed, key = engine.proofs.checkpoint(), public_key(KeyFiles(engine.settings.keys_folder))
    except NoCheckpoint:
        return page.show("check.html", sealed=None, key="", words=_words(page.names))
    except BadCheckpoint as error:
        raise problem("seal_unfit") from error
    return page.show(
        "check.html", sealed=parse(sealed), key=key.text if key else "", words=_words(page.names)
    )


def _words(names: Names) -> str:
    """What the script says, as JSON."""
    said: dict[str, object] = {key: names.pick(*both) for key, both in VERDICTS.items()}
    said["events"] = {wire: names.event(wire) for wire in EVENTS}
    said["zone"] = names.rules.zone
    said["levels"] = {level.value: names.level(level) for level in Level}
    return json.dumps(said, ensure_ascii=False)
