"""Bodies of the REST requests (docs/api.md): exact types, no unknown field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from bot.conversation.visible import has_visible


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the character U+0000 cannot be stored")
    return text


def _visible(text: str) -> str:
    if not has_visible(text):
        raise ValueError("nothing of it can be seen")
    return text


Kept = AfterValidator(_storable)
Typed = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Line = Annotated[Typed, Kept, AfterValidator(_visible)]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._@+-]{2,64}$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Role = Literal["staff", "admin"]
ColumnName = Annotated[str, Field(max_length=32_000)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=2)]


class Body(BaseModel):
    """The base of all bodies."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class SignInBody(Body):
    """`POST /api/sign-in`; a name that cannot exist is answered like one that does not."""

    login: Typed
    password: Secret


class PasswordBody(Body):
    """`POST /api/me/password`."""

    old: Secret
    new: Secret


class NewStaffBody(Body):
    """`POST /api/staff`."""

    login: Login
    name: Line
    roles: Roles


class RolesBody(Body):
    """`POST /api/staff/{id}/roles`."""

    roles: Roles


class SkillsBody(Body):
    """`POST /api/staff/{id}/skills`."""

    languages: Annotated[list[Literal["zh", "en"]], Field(max_length=2)]
    skills: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=60), Kept]], Field(max_length=100)
    ]
    capacity: Annotated[int, Field(ge=1, le=1_000)] | None = None


class CannedBody(Body):
    """`POST /api/canned` and `/api/canned/{id}`; `bot.handoff.canned.check` looks closer."""

    shortcut: Annotated[str, Field(max_length=80), Kept]
    texts: Annotated[dict[str, Annotated[str, Field(max_length=8_000), Kept]], Field(max_length=4)]


Spans = Annotated[
    list[Annotated[list[str], Field(min_length=2, max_length=2)]], Field(max_length=12)
]


class HoursBody(Body):
    """`POST /api/hours`; `bot.handoff.hours.calendar_from` looks closer."""

    zone: Annotated[str, Field(min_length=1, max_length=64)]
    weekly: Annotated[dict[str, Spans], Field(max_length=7)]
    special: Annotated[dict[str, Spans], Field(max_length=400)] = {}


UploadId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16}$")]


class TrainingBody(Body):
    """`POST /api/training/runs`."""

    what: Literal["intents", "takeover", "questions"]
    upload: UploadId | None = None
    desk: bool = True
    staff: Annotated[list[Line], Field(max_length=50)] = []


ProposalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


class LeftOutBody(Body):
    """`POST /api/training/proposals/left-out`."""

    ids: Annotated[list[ProposalId], Field(min_length=1, max_length=300)]


AskedText = Annotated[str, Field(max_length=500), Kept]


class ChosenProposal(Body):
    """A proposal that is taken, with its answer and its questions where these were changed."""

    id: ProposalId
    answer: Annotated[str, Field(max_length=8_000), Kept] | None = None
    questions: Annotated[list[AskedText], Field(max_length=50)] | None = None
    as_new: bool = False
    to_entry: bool = False


class ChosenBody(Body):
    """`POST /api/training/proposals/file`."""

    chosen: Annotated[list[ChosenProposal], Field(min_length=1, max_length=300)]


Days = Annotated[int, Field(ge=0, le=36_500)]


class RetentionBody(Body):
    """`POST /api/retention`; 0 days keep for ever, or as long as the conversation."""

    closed_days: Days
    traces_days: Days
    delivered_days: Days


class PersonBody(Body):
    """`POST /api/conversations/of-person`."""

    text: Annotated[str, Field(min_length=3, max_length=200)]


class EraseBody(Body):
    """`POST /api/conversations/erase`."""

    conversations: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]],
        Field(min_length=1, max_length=500),
    ]


class Columns(Body):
    """Which column of a file is which field; "1", "2" … where the file has no header."""

    id: ColumnName | None = None
    question: ColumnName | None = None
    answer: ColumnName | None = None
    similar: Annotated[list[ColumnName], Field(max_length=50)] = []
    category: ColumnName | None = None
    language: ColumnName | None = None
    source: ColumnName | None = None
    has_header: bool = True


class ImportOptions(Body):
    """How a file is to be read, where the guess is not right."""

    columns: Columns | None = None
    encoding: Annotated[str, Field(max_length=40)] | None = None
    sheet: Annotated[str, Field(max_length=200)] | None = None
    language: Literal["zh", "en"] | None = None
    mode: Literal["replace_source", "add", "learn"] = "replace_source"
    keep_learnt: bool = True


class OptionsBody(Body):
    """`POST …/preview` and `…/dry-run`."""

    options: ImportOptions = ImportOptions()


class EntryBody(Body):
    """`POST /api/knowledge/entries/remove`."""

    id: Annotated[str, Field(min_length=1, max_length=128)]
    language: Literal["zh", "en"]


class PublishBody(Body):
    """`POST …/publish`."""

    options: ImportOptions = ImportOptions()
    note: Annotated[str, Field(max_length=500), Kept] = ""
