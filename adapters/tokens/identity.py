"""Who a token proves: a role, a person, and what they are for."""

from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from domain.facts import Proof
from domain.ids import AreaRef, ProviderSlug
from domain.stages import Role

DISPATCHER: Final = "dispatcher"
"""What tokens call someone of the community; both words are taken."""


class BadToken(ValueError):
    """It proves nothing: not ours, changed, expired or revoked. Why is for the log; it holds no secret."""


class IssuerAway(RuntimeError):
    """Whether a token is good cannot be told: its issuer's keys cannot be read."""


def _role(value: Any) -> Any:
    return Role.COMMUNITY if value == DISPATCHER else value


def _a_persons(role: Role) -> Role:
    if role is Role.SYSTEM:
        raise ValueError("the machine's own role is given to nobody")
    return role


class Identity(BaseModel):
    """A proven person: nothing they say about themselves counts beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    role: Annotated[Role, BeforeValidator(_role)]
    actor: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.@:+-]+$")]
    area: AreaRef | None = None  # of a dispatcher
    provider: ProviderSlug | None = None  # of its staff
    expires: datetime
    token: str = ""  # the id of the local token it came by

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        _a_persons(self.role)
        if (self.role is Role.PROVIDER) != (self.provider is not None):
            raise ValueError("provider staff, and only they, belong to a provider")
        if self.area is not None and self.role is not Role.COMMUNITY:
            raise ValueError("only dispatchers have an area")
        return self

    @property
    def proof(self) -> Proof:
        return Proof(actor=self.actor, area=self.area, provider=self.provider)
