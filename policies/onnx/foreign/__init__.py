"""ONNX files of others: which input and output is which, by a description or by their shapes and names."""
