"""What every package may lean on: errors with a cure, and the name -> implementation registry.

Knows nothing of documents, models or pages.
"""
