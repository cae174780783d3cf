"""Everything that can go wrong while serving, as one tree.

ShopkeeperError
├── SettingsRefused        a setting that is unknown or out of its range
├── PartMissing            a model, head, shop folder or page that has not been made yet
├── StartRefused           the server cannot serve as asked (port taken, two nodes on one SQLite …)
└── RequestRefused         one frame or request of a client, refused; the connection lives on
    ├── NotSignedIn
    ├── Forbidden
    ├── NotFound
    ├── Conflict           something else has the name or the place
    ├── TooMany            over a rate or a size; says when to come again
    └── NotNow             the disk, the database or a clock does not allow it just now
"""

from __future__ import annotations


class ShopkeeperError(Exception):
    """The base of all errors of this package; its text says what to do."""

    exit_code = 1


class SettingsRefused(ShopkeeperError):
    """A setting is unknown, of the wrong kind or out of its range; the text names it."""

    exit_code = 2


class PartMissing(ShopkeeperError):
    """Something that must be made or installed first; the text names the command that does it."""

    exit_code = 3


class StartRefused(ShopkeeperError):
    """The server cannot start in this environment."""


class RequestRefused(ShopkeeperError):
    """One request of a client that is refused.

    Attributes:
        code: the word of the table of errors in docs/wire.md or docs/api.md.
        zh, en: what to tell the person, in both languages.
        status: the HTTP status it becomes.
        retry_after_seconds: when it may be tried again, None when that does not help.
        field: the field of the body, or the parameter of the address, that is wrong.
    """

    code = "refused"
    status = 400

    def __init__(
        self,
        en: str,
        zh: str = "",
        *,
        code: str | None = None,
        retry_after_seconds: float | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh or en
        self.code = code or type(self).code
        self.retry_after_seconds = retry_after_seconds
        self.field = field

    @property
    def message(self) -> dict[str, str]:
        """Both languages, as frames and answers carry them."""
        return {"zh": self.zh, "en": self.en}


class NotSignedIn(RequestRefused):
    """There is no session, or it has ended."""

    code = "not_signed_in"
    status = 401


class Forbidden(RequestRefused):
    """The session is good but its roles, its CSRF token or its origin do not allow this."""

    code = "forbidden"
    status = 403


class NotFound(RequestRefused):
    """There is no such thing, or no right to it; never told apart."""

    code = "not_found"
    status = 404


class Conflict(RequestRefused):
    """Something else has this name, or this place, or is missing first."""

    status = 409


class TooMany(RequestRefused):
    """A rate or a size is over its limit."""

    code = "rate_limited"
    status = 429


class NotNow(RequestRefused):
    """The disk, the database or a clock does not allow it just now; nothing was kept."""

    code = "storage"
    status = 503
