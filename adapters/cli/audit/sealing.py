"""Seals the record up to its head, and shows the public key that proves who sealed it."""

from collections.abc import Generator
from contextlib import contextmanager

import typer

from adapters.bootstrap import Node
from adapters.cli.opening import how_far, opened
from adapters.cli.output import AsJson, people, put_json, say
from adapters.cli.problems import Problem
from adapters.keys.files import KeyFiles
from adapters.sealed_log import Publish, SealBroken, signing_key
from services.audit.checkpoints import VerifierKey


def seal(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """封存到记录末尾，签检查点 · Seal the record up to its head and sign a checkpoint."""
    with opened(ctx) as node, sealing_problems(node):
        notary = node.notary(_publisher(node))
        with how_far(node.store.head(), what="封存 sealing") as told:
            last = notary.seal(told)
        key = _key(node)
        assert last is not None  # a town has at least its rules
    files = {"witness": str(node.settings.checkpoints_file), "key": key.text}
    if as_json:
        put_json({"events": last.size, "position": last.position, "root": last.root.hex(), **files})
        return
    say(
        f"已封存{last.size}条事件，到位置{last.position}；检查点在 {files['witness']}，请抄送库外的见证人。",
        f"{last.size} events are sealed, up to position {last.position}; checkpoints are in"
        f" {files['witness']}: send them to a witness outside.",
    )
    people().print(key.text, markup=False)


def key(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """显示签检查点的公钥 · Show the public key that checkpoints are signed with."""
    with opened(ctx) as node, sealing_problems(node):
        found = _key(node)
    if as_json:
        put_json({"origin": found.name, "key": found.text})
    else:
        people().print(found.text, markup=False)


@contextmanager
def sealing_problems(node: Node) -> Generator[None]:
    """What can be wrong with seal, file or key, as one sentence."""
    try:
        yield
    except SealBroken as error:
        raise Problem(error.code, error.zh, error.en) from error
    except OSError as error:
        keys, file = node.settings.keys_folder, node.settings.checkpoints_file
        raise Problem(
            "seal_file",
            f"密钥目录{keys}或检查点文件{file}不能读写（{error.strerror}），请检查路径、权限和磁盘空间。",
            f"The folder of keys {keys} or the file {file} cannot be used ({error.strerror}); check path,"
            " rights and room.",
        ) from error
    except ValueError as error:
        raise Problem(
            "bad_key",
            f"密钥文件读不懂（{error}），请从副本恢复 {node.settings.keys_folder}。",
            f"The key file cannot be read ({error}); put {node.settings.keys_folder} back from a copy.",
        ) from error


def _key(node: Node) -> VerifierKey:
    return signing_key(KeyFiles(node.settings.keys_folder), node.log_origin).verifier


def _publisher(node: Node) -> Publish | None:
    if node.settings.embedded:
        return None
    from adapters.bus.checkpoints import publisher  # noqa: PLC0415 - the embedded default needs no Kafka

    return publisher(node.settings, node.log_origin)
