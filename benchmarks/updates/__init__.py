"""Updates per second, from a webhook's POST to the stored effect: ``python -m benchmarks.updates``.

Three kinds of servers behind the same route, each in a process on a core of its own: Eider
(over SQLite and PostgreSQL, with a real Valkey), a bare python-telegram-bot echo and a bare
aiogram echo. The other core plays Telegram: it posts the updates of a thousand people in turn, and
answers the calls that the bots make.
"""
