"""Slack: the same group life, native there.

The pure half: ``views`` turns a view into Block Kit, ``modals`` a form into a modal and a submitted modal into
values, ``ids`` a press into an action, ``manifest`` the registry into an app manifest. None of them imports
slack_sdk or slack_bolt.
"""
