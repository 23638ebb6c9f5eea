"""Accounts: who may come in and by what, which corpora each may see, and an application of their own for each."""
