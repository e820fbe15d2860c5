"""Telephone and identity numbers are found however people write them; dates, amounts and ids are let be."""

from datetime import date
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import OrderId, order_number
from domain.scanning import Kind, find, masked, names_somebody

FULL = str.maketrans("0123456789", "０１２３４５６７８９")
CHINESE = str.maketrans("0123456789", "〇一二三四五六七八九")

digits = st.text("0123456789", min_size=1, max_size=1)
mobiles = st.builds(
    lambda second, rest: f"1{second}{rest}",
    st.sampled_from("3456789"),
    st.text("0123456789", min_size=9, max_size=9),
)
words = st.text(
    st.characters(categories=["Lo"], exclude_characters="〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖元"),
    max_size=20,
)
gaps = st.sampled_from(["", " ", "-", " - ", "　", "·", "."])


def identity_of(region: str, born: date, serial: int) -> str:
    """The whole number; worked out in the standard's own words, not as the scanner does."""
    head = f"{region}{born:%Y%m%d}{serial:03d}"
    total = sum(int(sign) * (2 ** (17 - place) % 11) for place, sign in enumerate(head))
    last = (12 - total % 11) % 11
    return head + ("X" if last == 10 else str(last))


identities = st.builds(
    identity_of,
    st.sampled_from(["110101", "440303", "650102"]),
    st.dates(date(1900, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
)


@pytest.mark.parametrize(
    "text",
    [
        "13800000000",
        "电话13800000000找王师傅",
        "tel13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "138－0000－0000",
        "1380000 0000",
        "13800 000000",
        "1 3 8 0 0 0 0 0 0 0 0",
        "+86 13800000000",
        "+8613800000000",
        "0086-138-0000-0000",
        "（＋86）138 0000 0000",
        "8613800000000",
        "１３８００００００００",
        "一三八〇〇〇〇〇〇〇〇",
        "幺三八零零零零零零零零",
        "013800000000",
        "壹叁捌零零零零零零零零",
        "①③⑧⓪⓪⓪⓪⓪⓪⓪⓪",
        "1３8〇000零０00",
        "138   0000   0000",
        "138\t0000\t0000",
        "138\u20090000\u202f0000",
        "138/0000/0000",
        "138~0000~0000",
        "138\n00000000",
        "1380\n0000000",
        "138000000\r\n    00",
        "138\n0000\n0000",
        "+86\n138 0000 0000",
        "1380\u200b0000000",
        "\u202d138\u200d0000\u20600000\u202c",
    ],
)
def test_a_mobile_number_is_found(text: str) -> None:
    assert [one.kind for one in find(text)] == [Kind.MOBILE]


@pytest.mark.parametrize(
    "text",
    [
        "0755-88888888",
        "0755 8888 888",
        "(0755)88888888",
        "（０７５５）88888888",
        "010-66666666",
        "+86 755 88888888",
        "0755 - 88888888",
        "0755\n88888888",
        "0755-8888\n8888",
    ],
)
def test_a_landline_with_its_area_code_is_found(text: str) -> None:
    assert [one.kind for one in find(text)] == [Kind.LANDLINE]


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002X",
        "11010519491231002x",
        "110105 19491231 002X",
        "110105 1949 1231 002Ｘ",
        "130503670401001",
        "130503 670401 001",
        "1101 0519 4912 3100 2x",
        "110 105194912 31002X",
        "11010519491231002\nX",
        "110105\n19491231\n002X",
        "1101\u200b0519491231002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "一一〇一〇五一九四九一二三一〇〇二x",
    ],
)
def test_an_identity_number_is_found(text: str) -> None:
    assert [one.kind for one in find(f"身份证{text}。")] == [Kind.IDENTITY]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "路灯不亮",
        "2026-03-02T09:00:00+08:00",
        "2026-03-02 13:45",
        "20260302134500",
        "2026年11月26日 19 点",
        "￥13800000000",
        "13800000000元",
        "13800000000.50",
        "13,800,000,000",
        "13 800 000 000",
        "3.13800000000",
        "1380000000",
        "138000000000",
        "12800000000",
        "12345",
        "88888888",
        "0755-12345",
        "110105194912310021",
        "110105194913310022",
        "991005194912310022",
        "130503671301001",
        "a13b800000000",
        "1e19cac2-1380-7000-8000-013800000000",
        "019cac2e-f380-7000-8000-a13800000000",
        "一三五七栋",
        "粤B12345",
        "gm-street/dongzhou/mudun",
        "1380000\n00000",
        "3\n138000\n0000",
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11",
        "8-18 13:00-15:00 2026/3/2",
        "110105174912310021",
    ],
)
def test_what_is_none_is_let_be(text: str) -> None:
    assert find(text) == []
    assert masked(text) == text


def test_several_in_one_text_are_found_in_their_order() -> None:
    text = "13800000000 13900000000，0755-88888888，11010519491231002X"
    assert [one.kind for one in find(text)] == ["mobile", "mobile", "landline", "identity"]
    assert [text[one.begin : one.end] for one in find(text)][1] == "13900000000"


def test_one_that_stands_behind_other_digits_is_found() -> None:
    text = "55 1101051949123100 2X"  # eighteen digits from the first on, which are no number of anybody
    assert [text[one.begin : one.end] for one in find(text)] == ["1101051949123100 2X"]


def test_what_shows_nothing_stays_where_it_is() -> None:
    text = "\u200b找138\u200b1234\u200b5678\u200b"
    assert [text[one.begin : one.end] for one in find(text)] == ["138\u200b1234\u200b5678"]
    assert masked(text) == "\u200b找138\u200b****\u200b5678\u200b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("找王师傅13812345678。", "找王师傅138****5678。"),
        ("138-1234-5678", "138-****-5678"),
        ("+86 13812345678", "+86 138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("0755-1234567", "0755-1234567"),
        ("0755-2234567", "0755-****567"),
        ("11010519491231002X", "110*************2X"),
        ("13812345678 88888888", "138****5678 88888888"),
    ],
)
def test_the_middle_of_a_number_is_covered(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(words, mobiles, st.sampled_from([(3, 7), (3,), (7,), ()]), gaps, words)
def test_a_mobile_number_is_found_in_any_words(
    before: str, number: str, cuts: tuple[int, ...], gap: str, after: str
) -> None:
    for cut in sorted(cuts, reverse=True):
        number = number[:cut] + (gap if len(gap) < 3 else "-") + number[cut:]
    for written in (number, number.translate(FULL), number.translate(CHINESE)):
        (one,) = find(before + written + after)
        assert (one.kind, one.begin, one.end) == ("mobile", len(before), len(before + written))


@given(words, identities, words)
def test_an_identity_number_is_found_in_any_words(before: str, number: str, after: str) -> None:
    assert [one.kind for one in find(before + number + after)] == ["identity"]


@given(identities, st.integers(0, 16), digits)
def test_an_identity_number_with_a_wrong_digit_is_none(number: str, place: int, digit: str) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    assert wrong == number or not [one for one in find(wrong) if one.kind == "identity"]


@given(st.uuids(version=4))
def test_an_order_is_not_taken_for_a_person(order: UUID) -> None:
    number = order_number(OrderId(order))
    for text in (str(order), number, f"{number[:4]}-{number[4:8]}-{number[8:]}", f"单号{number}已办结"):
        assert find(text) == []


@given(
    st.datetimes(),
    st.sampled_from(["%Y-%m-%d %H:%M", "%Y%m%d%H%M%S", "%Y/%m/%d", "%y.%m.%d %H %M", "%d-%m-%Y"]),
)
def test_a_date_is_not_taken_for_a_person(moment, form: str) -> None:
    assert find(moment.strftime(form)) == []


@given(st.text(st.sampled_from("0123456789０一〇幺壹①X-－ .()+86人\n\u200b"), max_size=60))
def test_a_mask_leaves_nothing_to_find_and_moves_nothing(text: str) -> None:
    shown = masked(text)
    assert find(shown) == []
    assert len(shown) == len(text)
    assert all(now in (was, "*") for was, now in zip(text, shown, strict=True))
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "code",
    [
        "13812345678",
        "8613812345678",
        "+86-13812345678",
        "r-13812345678",
        "call_tel13812345678",
        "王13812345678",
        "１３８１２３４５６７８",
        "id/11010519491231002x",
        "019cac2e-f380-7000-8000-013800000000/13812345678",
    ],
)
def test_an_id_may_say_whose_it_is(code: str) -> None:
    assert names_somebody(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "r-li",
        "window-138-20261127-0001",
        "dept-010-20261127",
        "20261127093000123",
        "1764218423123",
        "110105194912310021",  # its check digit is wrong
        "a13812345678",
        "019cac2e-f380-7000-8000-a13812345678",
        "01JDQ813812345678ABCDEFGHJ",
        "138123456789",
    ],
)
def test_what_is_made_of_digits_by_programs_says_of_nobody(code: str) -> None:
    assert not names_somebody(code)


def test_no_uuid_in_whatever_spelling_is_taken_for_a_number() -> None:
    chance = Random(5)  # noqa: S311 - the same each time
    for _ in range(20_000):
        made = UUID(int=chance.getrandbits(128))
        digits = UUID(int=int("".join(chance.choices("13589abf", k=32)), 16))
        for one in (made, digits):
            for said in (str(one), one.hex, one.urn, str(one).upper(), *str(one).split("-")[:4]):
                assert not names_somebody(said)


def test_the_last_twelve_signs_of_a_uuid_may_begin_with_a_letter() -> None:
    assert not names_somebody("f13812345678")
