"""Writers: transactions a second of one person's and of many people's events, with a network's
latency between the shop and PostgreSQL.
"""
