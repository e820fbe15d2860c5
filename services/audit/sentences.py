"""What is found is said in a sentence of each language, by its code."""

from collections.abc import Mapping

Sentences = Mapping[str, tuple[str, str]]
"""Code → Chinese and English, without their stops; `{names}` stand for what is told of this one."""


def said(sentences: Sentences, code: str, what: Mapping[str, object]) -> tuple[str, str]:
    """Both, each with its stop. KeyError where a sentence needs more than is told."""
    zh, en = (text.format_map(what) for text in sentences[code])
    return f"{zh.rstrip('。')}。", f"{en.rstrip('.')}."
