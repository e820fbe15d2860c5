"""What a reactor says, as a message of a topic: a CloudEvent in binary mode."""

from adapters.bus.producing import Outgoing
from adapters.bus.topics import Topics
from services.reactions import Message


def outgoing(topics: Topics, message: Message) -> Outgoing:
    """The same message gives the same bytes, however often it is sent."""
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": message.id,
        "ce_source": message.source,
        "ce_type": message.type,
        "ce_subject": message.subject,
        "ce_time": message.time.isoformat(),
        "ce_actor": message.source,
        "ce_correlationid": message.correlation,
    }
    return Outgoing(
        topics.name(message.topic),
        message.subject.encode(),
        message.data,
        [(name, value.encode()) for name, value in headers.items()],
    )
