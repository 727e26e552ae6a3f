"""The console: practising at a terminal or through a pipe, without account or token.

``app.Console`` reads lines and dispatches them, ``sender.ConsoleSender`` shows what Starling says of itself.
rich and prompt_toolkit are imported at a terminal only, so that a pipe starts quickly.
"""
