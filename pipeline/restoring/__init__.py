"""Old photos are helped before they move: the paper print straightened and cropped, scratches and
grain softened, faded tones spread, small ones enlarged. OpenCV alone: nothing is made up, and a
photo without such damage stays as it is, byte for byte.
"""

from pipeline.restoring.restore import Restored, restore

__all__ = ["Restored", "restore"]
