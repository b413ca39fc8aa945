"""Owns the text of `.env.example`: every setting, its meaning and its default, as the code has them."""

from __future__ import annotations

import textwrap

from collector.settings import Settings
from collector.settings_sources import FILE_SUFFIX, default_text, variables

_HEAD = """\
# Settings of the collector. Copy this file to .env, take the # from a line and change its value; a variable
# of the environment goes before this file. Made by the program: `python -m collector.settings_doc`.
"""
_FREE_FORM = """
# ---- networks that other packages bring: COLLECTOR_NETWORKS__<NAME>__<KEY>, see the package's own words
# COLLECTOR_NETWORKS__EXAMPLE__TOKEN=
"""


def env_example() -> str:
    """The content of `.env.example`."""
    lines = [_HEAD]
    section = ""
    for variable in variables(Settings):
        if len(variable.path) > 1 and variable.path[0] != section:
            section = variable.path[0]
            lines.append(f"\n# ---- {section}\n")
        lines += (f"# {line}\n" for line in textwrap.wrap(f"{variable.field.description}.", width=100))
        default = variable.field.get_default(call_default_factory=True, validated_data={})
        has_default = default not in (None, ())
        if not has_default and variable.field.examples:
            lines.append(f"# For instance {variable.field.examples[0]}\n")
        lines.append(f"# {variable.name}={default_text(variable) if has_default else ''}\n")
        if variable.is_secret:
            lines.append(f"# {variable.name}{FILE_SUFFIX}=\n")
    lines.append(_FREE_FORM)
    return "".join(lines)


if __name__ == "__main__":
    print(env_example(), end="")
