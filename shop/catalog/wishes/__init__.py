"""Words to pictures: what of a customer's sentence a base hears, and what no prompt may hold.

    wish = wishes.read("请画我微笑,蓝色背景,骑着龙", wishes.vocabulary("mini"))
    wish.known, wish.unknown      # ("smile", "blueground"), ("骑着龙",)
    wishes.blocked(text)          # "" or a word of `CATEGORIES`: asked first, whatever the base

A large base hears the sentence as it is. Nothing of a sentence is logged: the records keep it out
of their repr, and no error holds it.
"""

from shop.catalog.wishes.blocked import CATEGORIES, blocked
from shop.catalog.wishes.vocabulary import WishVocabulary, WordKind, vocabulary
from shop.catalog.wishes.wish import MOST_LETTERS, MOST_WORDS, Wish, read

__all__ = [
    "CATEGORIES",
    "MOST_LETTERS",
    "MOST_WORDS",
    "Wish",
    "WishVocabulary",
    "WordKind",
    "blocked",
    "read",
    "vocabulary",
]
