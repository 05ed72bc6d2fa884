"""The GPU side: checks, training and painting. The parent process imports no torch from here."""

import os

# From 1.31 onnxruntime reports usage to Microsoft unless this stands before its first import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
