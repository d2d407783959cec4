"""Policies from ONNX files, checked and run with ONNX Runtime, without torch."""

import os

# ONNX Runtime reports loaded models and the machine to Microsoft unless this is set before onnxruntime is imported.
# Only this package imports it, and the exporter through this package.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
