"""Who is at the other end: people with phones, and the groups that they talk in."""

from tests.botapi.people.customer import Customer
from tests.botapi.people.group import Group, Member
from tests.botapi.people.paying import Declined, NoPayButton
from tests.botapi.people.watching import PATIENCE, until

__all__ = [
    "PATIENCE",
    "Customer",
    "Declined",
    "Group",
    "Member",
    "NoPayButton",
    "until",
]
