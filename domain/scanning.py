"""Finds telephone and identity numbers of the mainland in free text, and masks them.

Mobile numbers with or without country code, landlines with their area code, identity numbers of 18 digits
(GB 11643, check digit by ISO 7064 MOD 11-2) and of 15. Digits may be full-width, circled or
Chinese, grouped as people group them, and broken off at the end of a line. Dates, amounts, UUIDs and the
town's own order numbers are none of these.
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from domain.ids import is_order_number


class Kind(StrEnum):
    """What a number is."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    IDENTITY = "identity"


class Found(NamedTuple):
    """A number at its place in a text."""

    kind: Kind
    begin: int
    end: int


_WRITTEN: Final = "０１２３４５６７８９〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖①②③④⑤⑥⑦⑧⑨⓪"
_BETWEEN: Final = " \t\u3000\u00a0\u2002\u2003\u2007\u2009\u202f·_‐‑‒–—―－~～/"
_LINE_ENDS: Final = "\r\v\f\u0085\u2028\u2029"
_PLAIN: Final = str.maketrans(
    _WRITTEN + "ｘＸx" + "（）＋．" + _BETWEEN + _LINE_ENDS,
    "012345678900012345678911234567891234567890XXX()+." + "-" * len(_BETWEEN) + "\n" * len(_LINE_ENDS),
)
"""One character for one, so that places stay: digits, X, one sign for all that may stand between groups,
one for the end of a line."""
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
"""What shows nothing, and can stand anywhere."""
_ANY_DIGIT: Final = re.compile(f"[0-9{_WRITTEN}]")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_BEFORE: Final = r"(?<![0-9￥¥$])(?<![0-9]\.)"
_AFTER: Final = r"(?![0-9A-Za-z元]|\.[0-9])"
_LINE: Final = r"-{0,4}\n{1,2}-{0,4}"
_GAP: Final = rf"(?:{_LINE}|-{{1,4}}|\.)"
_LONG_RUN: Final = re.compile(r"[0-9０-９]{11}")
_PIECE: Final = re.compile(
    r"(?<![0-9A-Za-z])(?P<beside>[A-Za-z]*)(?P<number>(?:(?:00)?86)?1[3-9][0-9]{9}|[1-8][0-9]{16}[0-9X])"
    r"(?![0-9A-Za-z])"
)
"""A whole piece of an id that is a number, or letters and a number: tel13800000000."""
_HEXADECIMAL: Final = re.compile(r"[A-Fa-f]+")
_COUNTRY: Final = rf"(?:\(?(?:\+|00)?86\)?{_GAP}?)?"


def _grouped(*groups: int) -> str:
    """Digits behind the first two or three of a mobile number, in groups of these lengths."""
    return _GAP.join(rf"[0-9]{{{length}}}" for length in groups)


_MOBILE: Final = re.compile(
    rf"{_BEFORE}{_COUNTRY}(0?1[3-9](?:[0-9]{{9}}"
    + "".join(
        f"|{_grouped(first, *rest)}"
        for first, *rest in ((1, 4, 4), (1, 8), (2, 3, 4), (2, 4, 3), (1, 3, 5), (1, 3, 3, 2), (3, 6), (5, 4))
    )
    + "".join(f"|[0-9]{{{first}}}{_LINE}[0-9]{{{9 - first}}}" for first in range(1, 9))
    + rf")|1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}){_AFTER}"
)
_LANDLINE: Final = re.compile(
    rf"{_BEFORE}(?:{_COUNTRY}\(?0|\(?(?:\+|00)86\)?{_GAP}?)"
    rf"(?:(?:10|2[0-9])\)?{_GAP}?[2-8][0-9]{{3}}{_GAP}?[0-9]{{4}}"
    rf"|[3-9][0-9]{{2}}\)?{_GAP}?[2-8][0-9]{{2}}(?:{_GAP}?[0-9]{{4}}|[0-9]{_GAP}?[0-9]{{3,4}})){_AFTER}"
)
_IDENTITY: Final = re.compile(
    rf"{_BEFORE}[1-8](?:(?:{_GAP}?[0-9]){{16}}{_GAP}?[0-9X]|[0-9]{{5}}{_GAP}?[0-9]{{6}}{_GAP}?[0-9]{{3}}){_AFTER}"
)
"""The long ones may be grouped in any way, as their check digit tells them; the short ones have none."""
_PROVINCES: Final = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for code in range(first, last + 1)
)
_LONG: Final = 18  # digits of an identity number
_SHORT: Final = 15  # of one given before 1999
_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_HIDDEN: Final = {Kind.MOBILE: (-8, -4), Kind.LANDLINE: (-7, -3), Kind.IDENTITY: (3, -2)}
"""Which of its digits a mask covers."""


def find(text: str) -> list[Found]:
    """The numbers in a text, in their order."""
    if not _ANY_DIGIT.search(text):
        return []
    if _UNSEEN.search(text):
        return _find_in_seen(text)
    plain = _UUID.sub(lambda one: "?" * len(one[0]), text).translate(_PLAIN)
    found: list[Found] = []
    for kind, pattern in ((Kind.IDENTITY, _IDENTITY), (Kind.MOBILE, _MOBILE), (Kind.LANDLINE, _LANDLINE)):
        at = 0
        while one := pattern.search(plain, at):
            at = one.start() + 1  # what looks like one may have one within it
            if _is(kind, one):
                found.append(Found(kind, one.start(), one.end()))
                plain = plain[: one.start()] + "?" * (one.end() - one.start()) + plain[one.end() :]
    return sorted(found, key=lambda one: one.begin)


def names_somebody(code: str) -> bool:
    """Whether an id that programs make has a mobile or identity number in it, as one piece.

    Narrower than `find`, since nobody looks over what is refused: no groups, which dates and windows have
    too, and nothing within a longer piece. A UUID, in whatever spelling, has none.
    """
    if not _LONG_RUN.search(code):
        return False
    pieces = _PIECE.finditer(_UUID.sub("?", code).translate(_PLAIN))
    return any(_is_someones(one["number"]) for one in pieces if not _HEXADECIMAL.fullmatch(one["beside"]))


def _is_someones(number: str) -> bool:
    return len(number) != _LONG or _identifies(number)


def _find_in_seen(text: str) -> list[Found]:
    """As it is read, without the signs that show nothing; places are those in the whole text."""
    seen = [place for place, sign in enumerate(text) if not _UNSEEN.match(sign)]
    found = find("".join(text[place] for place in seen))
    return [Found(one.kind, seen[one.begin], seen[one.end - 1] + 1) for one in found]


def masked(text: str) -> str:
    """The text with the middle of every number covered: 138****5678. What is covered already stays."""
    while found := find(text):
        signs = list(text)
        for one in found:
            places = [place for place in range(one.begin, one.end) if text[place].translate(_PLAIN) in _SIGNS]
            for place in places[slice(*_HIDDEN[one.kind])]:
                signs[place] = "*"
        text = "".join(signs)
    return text


_SIGNS: Final = frozenset("0123456789X")


def _is(kind: Kind, match: re.Match[str]) -> bool:
    """Whether what looks like a number can be one."""
    digits = "".join(_digits(match[0]))
    if kind is Kind.IDENTITY:
        return _identifies(digits)
    shape = [len(group) for group in re.split(r"[^0-9]+", match[0]) if group]
    return not (shape in ([12], [4, 4, 4]) and is_order_number(digits))


def _digits(text: str) -> Iterator[str]:
    return (sign for sign in text if sign in _SIGNS)


def _identifies(digits: str) -> bool:
    if digits[:2] not in _PROVINCES:
        return False
    if len(digits) == _LONG and digits[6:8] in {"18", "19", "20"}:
        total = sum(int(sign) * weight for sign, weight in zip(digits, _WEIGHTS, strict=False))
        return _is_day(digits[6:14]) and "10X98765432"[total % 11] == digits[-1]
    return len(digits) == _SHORT and digits.isdigit() and _is_day("19" + digits[6:12])


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
