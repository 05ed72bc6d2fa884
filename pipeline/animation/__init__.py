"""The embedded animator: a photo comes alive by a smooth warp of its own pixels.

Faces are found (YuNet), a mesh of 468 points is laid on each, and a motion's curves move them. The
mesh lives as long as the call, and is neither stored nor logged. No torch, no network.
"""

from pipeline.animation.animate import animate
from pipeline.animation.heads import CLIP_SIDE, CannotAnimate, Head, clip_side, find_heads, within

__all__ = ["CLIP_SIDE", "CannotAnimate", "Head", "animate", "clip_side", "find_heads", "within"]
