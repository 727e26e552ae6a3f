"""The only room that knows SQL: tables, migrations, and the queries of each area in a file of its own.

Query functions take an open connection (``Tx``) first and never commit: whoever opened the transaction says
what belongs together. All of them run on SQLite and on PostgreSQL.
"""
