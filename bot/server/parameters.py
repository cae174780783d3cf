"""The parameters of an address: each route takes those it names, once each, and refuses others.

A filter that is misspelt and passed over gives everything, and who asked takes it for what they
asked for. Routes for anyone pass over what they do not know: monitors and caches add of their own.
"""

from __future__ import annotations

from collections.abc import Collection

from fastapi.dependencies.models import Dependant
from starlette.datastructures import QueryParams

from bot.errors import RequestRefused

TOLD_CHARACTERS = 80


def parameters_of(dependant: Dependant) -> frozenset[str]:
    """Give the names that a route reads from its address, those of what it depends on too."""
    own = frozenset(one.alias for one in dependant.query_params)
    return own.union(*map(parameters_of, dependant.dependencies))


def check_parameters(asked: QueryParams, known: Collection[str]) -> None:
    """Let pass what is known and stands there once.

    Raises:
        RequestRefused: names the parameter, and which there are.
    """
    for name in asked:
        if name not in known:
            raise _unknown(_told(name), sorted(known))
        if len(asked.getlist(name)) > 1:
            raise RequestRefused(
                f"`{name}` stands there more than once; it takes one value.",
                f"参数 {name} 出现了不止一次，只能给一个值。",
                code="bad_request",
                field=name,
            )


def _unknown(name: str, known: list[str]) -> RequestRefused:
    listed = ", ".join(known)
    return RequestRefused(
        f"There is no parameter `{name}` here; "
        + (f"there are: {listed}." if known else "this address takes none."),
        f"这个地址没有参数 {name}；" + (f"可用的有：{listed}。" if known else "它不带参数。"),
        code="bad_request",
        field=name,
    )


def _told(name: str) -> str:
    """Give a name that anybody may have sent, as it may stand in an answer."""
    return name[:TOLD_CHARACTERS].encode("ascii", "backslashreplace").decode("ascii")
