"""The master key of every deployment in tests: fixed, and such as the settings take."""

import base64
import hashlib
from typing import Final

MASTER_KEY: Final = hashlib.sha256(b"Eider's tests").digest()
MASTER_KEY_BASE64: Final = base64.b64encode(MASTER_KEY).decode()
