"""A Bot API of our own on loopback: as strict as the specification, with a memory, and no network.

:class:`api.BotApi` is the server, :class:`double.people.Customer` a person with a phone.
"""
