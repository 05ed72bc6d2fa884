"""What may be done to an old photo before it moves."""

from enum import StrEnum


class Repair(StrEnum):
    """One kind of help that a photo was given, in the order in which it is given.

    TURNED        it lay on a side or stood on its head, and was turned by a quarter or two
    STRAIGHTENED  the paper print lay aslant or was seen aslant, and was made upright
    CROPPED       a paper border was cut away, or what lay around the print
    SCRATCHES     scratches, creases and dust were filled from what is beside them
    NOISE         grain was softened
    FADING        darks and lights that had faded were spread again; skin keeps its tone
    ENLARGED      the picture was small
    """

    TURNED = "turned"
    STRAIGHTENED = "straightened"
    CROPPED = "cropped"
    SCRATCHES = "scratches"
    NOISE = "noise"
    FADING = "fading"
    ENLARGED = "enlarged"
