"""What is wrong with a setting, as one line: the key, its value, where it was found, what to do.

Secrets are never in it, and neither is a value that may be a secret under a misspelt name.
"""

from __future__ import annotations

import json

from bot.redact import HIDDEN, SECRET_NAME, without_password
from bot.setting_keys import WORKSPACES, Key, every_key, sections, variables

#: Where a value stands: ("slack", "workspaces", 0, "name").
Loc = tuple[int | str, ...]

# A list as a variable holds it: of numbers, of tables.
_JSON = ("[0, 1]", '[{"name": "...", "bot_token": "..."}]')


def wrong(loc: Loc, value: object, origin: str, said: str) -> str:
    """A known key or section with a value that cannot be. A ``value`` of None was not given at all.

    ``said`` is what its check says; "" for a wrong kind.
    """
    path = ".".join(step for step in loc if isinstance(step, str))
    if path in sections():
        return f"{path} ({origin}) is a section; write [{path}] on a line of its own and its keys below it."
    key = every_key()[path]
    if value is None and said:
        return f"{dotted(loc)} {said}."
    if key.listed and origin == key.variable and isinstance(value, str):
        said = f"is wrong; write a list as JSON, such as {_JSON[path == WORKSPACES]}"
    given = shown(value, hide=key.secret or path == WORKSPACES)
    return f"{dotted(loc)} = {given} ({origin}) {said or f'is wrong; write {key.takes}'}."


def unknown_key(loc: Loc, value: object, origin: str) -> str:
    from core.packs.suggest import nearest

    table = ".".join(step for step in loc[:-1] if isinstance(step, str))
    name = str(loc[-1])
    known = every_key()
    beside = {key.name: key.dotted for key in known.values() if key.table == table}
    places = [beside, {key.name: key.dotted for key in reversed(known.values())}]
    if not table:
        places.insert(0, {section: f"[{section}]" for section in sections()})
    right = next((place[near] for place in places if (near := nearest(name, place))), None)
    if right:
        advice = f"did you mean {right}?"
    elif beside:
        advice = f"the keys of [{table}] are {', '.join(beside)}."
    else:
        advice = f"the sections are {', '.join(sections())}."
    if isinstance(value, dict):
        given = f"[{dotted(loc)}]"
    else:
        given = f"{dotted(loc)} = {shown(value, hide=_maybe_secret(name, value, known.get(right or '')))}"
    return f"{given} ({origin}) is nothing that Starling knows; {advice}"


def unknown_variable(variable: str, text: str) -> str:
    from core.packs.suggest import nearest

    right = variables().get(nearest(variable, variables()) or "")
    given = shown(text, hide=_maybe_secret(variable, text, right))
    advice = (
        f"did you mean {right.variable} ({right.dotted})?" if right else "docs/configuration.md has them all."
    )
    return f"{variable} = {given} (environment) is nothing that Starling knows; {advice}"


def dotted(loc: Loc) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).lstrip(".")


def _maybe_secret(name: str, value: object, meant: Key | None) -> bool:
    """Whether the value of a misspelt key had better not be shown."""
    if SECRET_NAME.search(name) or (meant and meant.secret):
        return True
    return not isinstance(value, bool | int | float) and len(str(value)) > 20


def shown(value: object, *, hide: bool = False) -> str:
    """``value`` as it was written, short enough for a line."""
    if hide and value != "":
        return HIDDEN
    if isinstance(value, dict):
        return "a table"
    text = without_password(value) if isinstance(value, str) else value
    written = json.dumps(text, ensure_ascii=False, default=str)
    return written if len(written) <= 100 else f"{written[:96]}..."
