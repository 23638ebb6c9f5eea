"""What is done to a document, one stage after another: its words, its scans, their meaning, its figures and pictures.

After the first it can be searched; every other one adds to it, and can be broken off at any page and taken up again.
"""
