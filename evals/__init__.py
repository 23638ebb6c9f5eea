"""Quality figures anyone can make again, and the fits of what is trained: a room for each thing that is measured.

In a room, `evaluate` is `triptych eval NAME` and `fit` is `triptych fit NAME`; its data lie beside its modules.
`datasets` reads questions with known answers, whoever asks them. At this level is what all rooms share.
"""
