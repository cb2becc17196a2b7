"""ONNX file → steps: every number exactly the one that was stored, all else refused by name."""
