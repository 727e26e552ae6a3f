"""Pure deciders: what Starling's rules say, with nothing else in the way.

Nothing here awaits, reads a clock, touches a file or imports another room of core: time and facts come in as
arguments, decisions go out as frozen dataclasses. The rules themselves, in plain words and with the section
numbers that the docstrings cite, are in `docs/rules.md`.
"""
