"""A type for each identity, so that a swapped id fails the type check; and what is derived from ids."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Final, NewType
from uuid import UUID, uuid5

from pydantic import AfterValidator, StringConstraints

OrderId = NewType("OrderId", UUID)
ProviderId = NewType("ProviderId", str)
VolunteerId = NewType("VolunteerId", str)  # one provider's word for one of its volunteers
NeedId = NewType("NeedId", str)  # of a standing need (需求)
ResidentId = NewType("ResidentId", str)  # opaque; never made from a phone number
AreaPath = NewType("AreaPath", str)  # codes from the root down, joined by "/"
CategoryPath = NewType("CategoryPath", str)  # codes from the group down, joined by "/"
OrderNumber = NewType("OrderNumber", str)  # 单号: 12 digits, the last one a check digit
StreamId = NewType("StreamId", UUID)  # the store's originator_id
Position = NewType("Position", int)  # the store's notification id: the place in the log

_NAMED: Final = 5  # the UUID version that stream_of makes of names
_APART: Final = 8  # the UUID version of facts that are no subject's
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER_LENGTH: Final = 12
_NEXT_PRODUCT: Final = {
    product: {str(digit): ((digit + product) % 10 or 10) * 2 % 11 for digit in range(10)}
    for product in range(1, 11)
}


def _not_named(order: UUID) -> UUID:
    """An order's id is its stream's: other kinds are the streams of providers, rules and refusals."""
    if order.int >> 76 & 0xF in (_NAMED, _APART):  # UUID.version, without asking for the variant first
        raise ValueError("an order's id is a UUID of version 7 (or 4), never one made of a name")
    return order


_PATH = r"^[a-z0-9-]{1,48}(/[a-z0-9-]{1,48}){0,5}$"
OrderRef = Annotated[UUID, AfterValidator(_not_named)]
PROVIDER: Final = r"^[a-z0-9-]{1,48}$"
ProviderSlug = Annotated[ProviderId, StringConstraints(pattern=PROVIDER)]
VolunteerSlug = Annotated[VolunteerId, StringConstraints(pattern=PROVIDER)]
NeedSlug = Annotated[NeedId, StringConstraints(pattern=PROVIDER)]
PERSON: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"  # whatever an envelope may call somebody
LISTED: Final = r"^(rules|provider/[a-z0-9-]{1,48})$"
PersonRef = Annotated[ResidentId, StringConstraints(min_length=1, max_length=64, pattern=PERSON)]
AreaRef = Annotated[AreaPath, StringConstraints(pattern=_PATH)]
CategoryRef = Annotated[CategoryPath, StringConstraints(pattern=_PATH)]

RULES_SUBJECT: Final = "rules"
ANONYMOUS: Final = ResidentId("anonymous")  # as whom a door takes those who do not say who they are
_SUBJECTS: Final = UUID("6f1c52f0-5a2e-5d0e-9d5b-0f9b1f6f8a51")


def provider_subject(provider: ProviderId) -> str:
    """The CloudEvents subject and Kafka key of a provider."""
    return f"provider/{provider}"


def need_subject(need: NeedId) -> str:
    """The CloudEvents subject and Kafka key of a standing need."""
    return f"need/{need}"


def person_subject(person: ResidentId) -> str:
    """The CloudEvents subject and Kafka key of what is held of a person."""
    return f"person/{person}"


def stream_of(subject: str) -> StreamId:
    """The stream that holds a subject: an order's own UUID, else a UUID named after the subject."""
    if subject == RULES_SUBJECT or subject.startswith(("provider/", "need/", "person/")):
        return _named_stream(subject)
    try:
        return StreamId(UUID(subject))
    except ValueError:
        return _named_stream(subject)


@lru_cache(maxsize=4096)  # a town's providers, asked for again and again
def _named_stream(name: str) -> StreamId:
    return StreamId(uuid5(_SUBJECTS, name))


def stream_apart(moment: datetime, seed: bytes) -> StreamId:
    """A stream for facts that are no subject's, in time order like a UUIDv7; no order can have its id."""
    like_an_order = time_ordered_id(moment, seed).int
    return StreamId(UUID(int=like_an_order & ~(0xF << 76) | _APART << 76))


def readings_of(subject: str) -> StreamId:
    """The stream of who has read the personal texts of a subject. No order can have its id."""
    return StreamId(uuid5(_SUBJECTS, f"readings/{subject}"))


def time_ordered_id(moment: datetime, seed: bytes) -> UUID:
    """A UUIDv7 from a moment and a seed, so that a replay makes the same one (RFC 9562, section 5.7)."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    noise = int.from_bytes(hashlib.sha256(seed).digest()[:10])
    high = noise >> 68
    low = noise & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def order_number(order: OrderId) -> OrderNumber:
    """The number read out over the phone: eleven digits of the id's hash and a check digit.

    Two orders may share a number (at a million orders, some five pairs do): follow it with its query code.
    """
    digits = f"{int.from_bytes(hashlib.sha256(order.bytes).digest()[:8]) % 10**11:011d}"
    return OrderNumber(digits + str(check_digit(digits)))


def check_digit(digits: str) -> int:
    """The ISO 7064 MOD 11,10 (GB/T 17710) check digit: finds every single wrong digit, nearly every swap."""
    product = 10
    for digit in digits:
        product = _NEXT_PRODUCT[product][digit]
    return (11 - product) % 10


def is_order_number(text: str) -> bool:
    """Whether these are twelve digits whose check digit fits."""
    if len(text) != NUMBER_LENGTH or not (text.isascii() and text.isdigit()):
        return False
    return check_digit(text[:-1]) == int(text[-1])


def within(path: str, root: str) -> bool:
    """Whether a path is the root or lies below it. The empty root holds everything."""
    return not root or path == root or path.startswith(root + "/")


def lineage(path: str) -> tuple[str, ...]:
    """The path and everything it lies in, nearest first, ending in the empty root."""
    parts = path.split("/") if path else []
    return (*("/".join(parts[:depth]) for depth in range(len(parts), 0, -1)), "")
