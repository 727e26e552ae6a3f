"""Discord: the group practises where it talks.

The pure half: ``views`` turns a view into the JSON of Discord's API v10 (Components V2), ``modals`` a form into
a modal and a submitted modal into values, ``ids`` a press into an action. None of them imports discord.py.
"""
