"""Makes ONNX files of trained policies; what runs them is in ``policies.onnx``."""
