"""Slack's limits, each named once.

Read out of slack_sdk 3.47 (``models``), the descriptions in ``@slack/types`` and docs.slack.dev; where they differ
the smaller one stands. Lengths are counted in UTF-16 units, which is never less than what Slack counts.
"""

BLOCKS = 50  # of a message
VIEW_BLOCKS = 100  # of a modal, and of the Home tab
BLOCKS_JSON = 12_000  # characters of a message's blocks as JSON: over about 13,200 comes msg_blocks_too_long
VIEW_JSON = 100_000  # a view may have 250 kB, however they are counted
FALLBACK = 4000  # chat.update refuses a longer text; chat.postMessage asks for no more
TEXT = 3000  # a text object; rich text has no stated limit and is held to it as well
FIELDS = 10  # of a section
FIELD = 2000
HEADER = 150  # plain text only
CONTEXT_ELEMENTS = 10
ACTIONS = 25  # elements of an actions block
BUTTON_LABEL = 75
OPTIONS = 100  # of a select
OPTION_TEXT = 75  # its text and its description
OPTION_VALUE = 75  # slack_sdk lets 150 pass
PLACEHOLDER = 150
ACTION_ID = 255  # and a block_id, and a callback_id
URL = 3000
ALT = 2000
FILES = 10  # of a message; our own limit
FILE_BYTES = 10 * 1024 * 1024  # each file; our own limit, Slack takes a gigabyte

MODAL_TITLE = 24  # also its two buttons
METADATA = 3000  # private_metadata
INPUT = 3000  # plain_text_input
LABEL = 2000  # of an input block, and its hint
CHECKBOXES = 10

APP_NAME = 35
APP_DESCRIPTION = 140
SHORTCUT_NAME = 24
SHORTCUT_DESCRIPTION = 150

TABLE_WIDTH = 42  # columns of a code block that a phone does not wrap; no limit of Slack's, our own
