"""Which column of a table means what: read from a small YAML file, over the default mapping."""

from collections.abc import Mapping as Lookup
from pathlib import Path
from typing import Annotated, Any, Final, Self, cast
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel as Base
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from adapters.tables.faults import TableFaulty
from domain.ids import AreaRef, CategoryRef, ProviderSlug
from domain.model import CODE
from domain.rules import Words
from domain.stages import LEVEL_NAMES, Level, ProviderKind, Stage

DEFAULT: Final = Path(__file__).parent / "default.yaml"
FIELDS: Final = ("id", "created", "channel", "provider", "accepted", "closed", "due", "level", "details")
NEEDED: Final = ("id", "created")
ANYTHING: Final = "*"
PAIR: Final = 2
REST: Final = "*"  # in `known`: every name that is not listed


def _listed(value: object) -> object:
    """A single word stands for a list of one."""
    return (value,) if isinstance(value, str) else value


def _pair(value: object) -> object:
    """Names are written [中文, English]."""
    if isinstance(value, list):
        said = cast("list[object]", value)
        return dict(zip(("zh", "en"), said, strict=True)) if len(said) == PAIR else {}
    return value


Code = Annotated[str, StringConstraints(pattern=CODE)]
Listed = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
Named = Annotated[Words, BeforeValidator(_pair)]


class _Part(Base):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Part):
    """Rows whose cells are these show this stage."""

    when: dict[str, Listed] = {}
    stage: Stage
    in_time: bool | None = None


class Root(_Part):
    """What all areas lie in, and where a row without any area is."""

    code: Code
    name: Named


class Units(_Part):
    """What registering a unit needs and no table has."""

    kind: ProviderKind = ProviderKind.DEPARTMENT
    contact: Annotated[str, StringConstraints(min_length=1, max_length=120)] = "未注明 not stated"
    capacity: Annotated[int, Field(ge=0, le=100_000)] = 50


class Known(_Part):
    """Names of the table and what the town that exists calls them; names of a path are joined by "/"."""

    areas: dict[str, AreaRef] = {}
    categories: dict[str, CategoryRef] = {}
    providers: dict[str, ProviderSlug] = {}


class Mapping(_Part):
    """How to read a table. Shapes and meaning: docs/importing.md."""

    table: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    zone: str = "Asia/Shanghai"
    encoding: str | None = None
    separator: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    columns: dict[str, Listed]
    required: frozenset[str] = frozenset(NEEDED)  # columns that must be there
    root: Root
    areas: Annotated[dict[Code, Named], Field(min_length=1, max_length=5)]
    categories: Annotated[tuple[str, ...], Field(min_length=1, max_length=6)]
    stages: tuple[Rule, ...]
    ratings: dict[str, Level] = {}
    times: tuple[str, ...] = ()
    units: Units = Units()
    known: Known = Known()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.root.code in self.areas:
            raise ValueError(f"the root has the code of the level {self.root.code}; give it another")
        try:
            ZoneInfo(self.zone)
            if self.encoding is not None:
                "".encode(self.encoding)
        except (LookupError, ValueError, OSError) as error:
            raise ValueError(f"unknown zone or encoding: {error}") from error
        return self

    def words_for(self, name: str) -> tuple[str, ...]:
        """The header words of a named column; a name nobody mapped is a header word itself."""
        return self.columns.get(name, (name,))

    def level(self, word: str) -> str:
        """The level of satisfaction a word means; a word nobody knows comes back as it is."""
        return self.ratings.get(word) or _LEVELS.get(word, word)


_LEVELS: Final[Lookup[str, str]] = {zh: level.value for level, (zh, _) in LEVEL_NAMES.items()}


def load_mapping(path: Path | None = None) -> Mapping:
    """The default mapping, or a file's over it. Columns a file names with one word must be in the table.

    Raises:
        TableFaulty: the file is not there, or says something that does not fit.
    """
    said = _read(DEFAULT)
    if path is not None:
        own = _read(path)
        if not isinstance(own.get("columns", {}), dict):
            raise TableFaulty("bad_mapping", path=path, where="columns", problem="name: column")
        columns: dict[str, object] = own.get("columns", {})
        required = {name for name, words in columns.items() if isinstance(words, str)}
        said |= own | {"columns": said["columns"] | columns, "required": {*NEEDED, *required}}
    try:
        return Mapping.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "-"
        raise TableFaulty("bad_mapping", path=path, where=where, problem=first["msg"]) from error


class _Text(yaml.SafeLoader):
    """Reads every scalar as the text it is written as (1, yes, 2018-01-01), and each key once."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - theirs

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} stands twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _read(path: Path) -> dict[str, Any]:
    try:
        said = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Text)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise TableFaulty("no_such_mapping", path=path) from error
    except UnicodeDecodeError as error:
        raise TableFaulty("bad_mapping", path=path, where="-", problem="not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "-"
        problem = getattr(error, "problem", None) or str(error)
        raise TableFaulty("bad_mapping", path=path, where=where, problem=problem) from error
    if not isinstance(said, dict):
        raise TableFaulty("bad_mapping", path=path, where="-", problem="key: value")
    return cast("dict[str, Any]", said)
