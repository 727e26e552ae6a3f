"""Everything the bot says on its own initiative leaves through here (docs/delivery.md).

``due`` turns schedules whose time has come into occurrences and outbox rows; ``outbox`` sends the rows, one
state at a time, through the platforms' senders; ``content`` knows what a row says.
"""
