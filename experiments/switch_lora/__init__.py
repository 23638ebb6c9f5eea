"""A LoRA recipe for the switch: teach a text model to write the segments that `agent/routers/written.py` reads."""
