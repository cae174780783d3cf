"""Every setting of Shopkeeper: the groups of the table, joined, and where values come from.

A value comes from the first place that names it: the environment (`SHOPKEEPER_<NAME>`), the TOML
file (`shopkeeper.toml`, or the one named by `--config` or `SHOPKEEPER_CONFIG`), the default of the
table. docs/settings.md is made from the table and a test compares them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from bot.errors import SettingsRefused
from bot.setting_groups.answering import Answering
from bot.setting_groups.keeping import LeavingTheHouse, Retention
from bot.setting_groups.serving import Ending, Places, Serving
from bot.setting_groups.shoppers import Connections, Messages
from bot.setting_groups.staff import Admin, Desk, SignIn

PREFIX = "SHOPKEEPER_"
CONFIG_VARIABLE = "SHOPKEEPER_CONFIG"
DEFAULT_CONFIG = Path("shopkeeper.toml")

OFF = "off"
"""As `generator` or `second_encoder`: do without."""

MOST: Mapping[str, int] = {"_days": 36_500, "_hours": 876_000, "_seconds": 31_536_000, "": 10**12}
"""By the end of its name, the most that a number may be: a century, or a year of seconds."""


class Settings(
    Places,
    Serving,
    Answering,
    Messages,
    Connections,
    SignIn,
    Admin,
    Ending,
    LeavingTheHouse,
    Desk,
    Retention,
):
    """All settings. Frozen; made once by `load_settings` and handed to the parts."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @field_validator("*")
    @classmethod
    def _within_reason(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what no clock or counter of a machine could take, such as `inf` seconds."""
        if isinstance(value, int | float):
            most = next((most for end, most in MOST.items() if str(info.field_name).endswith(end)))
            if not value <= most:
                raise ValueError(f"at most {most:,} can be set")
        return value


GROUPS: Mapping[str, type[BaseModel]] = {
    "Places": Places,
    "Serving": Serving,
    "Answering": Answering,
    "Messages": Messages,
    "Connections": Connections,
    "Sign-in": SignIn,
    "Admin": Admin,
    "Ending": Ending,
    "Leaving the house": LeavingTheHouse,
    "Desk": Desk,
    "Retention": Retention,
}
"""The groups as docs/settings.md names them, in its order."""


def load_settings(
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **overrides: Any,
) -> Settings:
    """Read the settings.

    Args:
        config: the TOML file; None takes SHOPKEEPER_CONFIG, then `shopkeeper.toml` if it exists.
        environ: the environment; None takes the process's.
        overrides: values that stand above all others (the shell's options).

    Raises:
        SettingsRefused: a file that is missing or not TOML, an unknown name, a wrong value.
    """
    environ = os.environ if environ is None else environ
    values = _from_file(_config_file(config, environ))
    values.update(_from_environment(environ))
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsRefused(_explain(error)) from error


def _config_file(config: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = config or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return named
    return DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsRefused(f"There is no settings file {path}; check the name.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"{path} is not TOML: {error}.") from error
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        text = environ.get(PREFIX + name.upper())
        if text:
            values[name] = _split(text) if _is_list(field) else text
    return values


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Names that begin like a setting and are none, each with what may be meant."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE}
    strange = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    return [_meant(name, sorted(known)) for name in strange]


def _meant(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"{name} (did you mean {close[0]}?)" if close else name


def _is_list(field: FieldInfo) -> bool:
    return field.annotation == tuple[str, ...]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"There is no setting {_meant(name, list(Settings.model_fields))}.")
        else:
            lines.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}.")
    return " ".join(lines) + " docs/settings.md lists all settings."


def settings_page() -> str:
    """docs/settings.md, made from the table above."""
    lines = [
        "# Settings",
        "",
        "Made from `bot/setting_groups/` by `python -m bot.settings`; a test compares the two.",
        "",
        "A value is taken from the first place that names it: an option of the command, the",
        "environment (`SHOPKEEPER_` and the name in capitals; lists are separated by commas), the",
        "TOML file (`shopkeeper.toml`, or the one named by `--config` or `SHOPKEEPER_CONFIG`), the",
        "default. An unknown name in the file is refused.",
    ]
    for title, group in GROUPS.items():
        lines += ["", f"## {title}", "", "| name | default | meaning |", "|---|---|---|"]
        lines += [_row(name, field) for name, field in group.model_fields.items()]
    return "\n".join(lines) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra
    reason = f" *Why: {extra['reason']}.*" if isinstance(extra, dict) else ""
    return f"| `{name}` | {_shown(field.default)} | {field.description}{reason} |"


def _shown(default: Any) -> str:
    if default in ("", ()):
        return "–"
    if isinstance(default, tuple):
        return "`" + ", ".join(default) + "`"
    return f"`{default}`"


if __name__ == "__main__":
    Path("docs/settings.md").write_text(settings_page(), encoding="utf-8")
