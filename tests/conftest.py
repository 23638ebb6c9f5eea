"""Shared by all tests: nothing leaves the machine, and nothing touches the user's own data folder."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
