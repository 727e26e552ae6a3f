"""Discord's limits, each named once.

Read out of discord.py 2.7.1 (``discord/ui``) and Discord's OpenAPI document; where both speak they agree.
Lengths are counted in UTF-16 units, which is never less than what Discord counts.
"""

TEXT_TOTAL = 4000  # ui/view.py content_length: characters of all text displays of a message
COMPONENTS = 40  # ui/view.py: components of a message, counting nested ones
ROW_BUTTONS = 5  # ActionRowComponentForMessageRequest
BUTTON_LABEL = 80  # ButtonComponentForMessageRequest
URL = 512  # of a link button; links in text are held to it as well
CUSTOM_ID = 100
OPTIONS = 25  # StringSelectComponent: options of a select
OPTION_TEXT = 100  # an option's label, value and description
PLACEHOLDER = 150  # of a select
GALLERY = 10  # MediaGalleryComponentForMessageRequest
ALT = 1024  # a picture's description
FILES = 10  # attachments of a message
FILE_BYTES = 10 * 1024 * 1024  # each file, on a server without boosts
MENTIONS = 100  # MessageAllowedMentionsRequest: users, and roles
THREAD_NAME = 100  # CreateTextThreadWithMessageRequest

MODAL_TITLE = 45
MODAL_COMPONENTS = 5  # ui/modal.py; the schema says 40
LABEL = 45  # LabelComponentForModalRequest
DESCRIPTION = 100
INPUT = 4000  # TextInputComponentForModalRequest
CHECKBOXES = 10  # CheckboxGroupComponentForModalRequest
UPLOADS = 10  # FileUploadComponentForModalRequest

IS_COMPONENTS_V2 = 1 << 15  # message flag
EPHEMERAL = 1 << 6  # message flag, in answers to interactions only

TABLE_WIDTH = 42  # columns of a code block that a phone does not wrap; no limit of Discord's, our own
