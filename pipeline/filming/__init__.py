"""From a source to a clip: looked at and restored, then moved, judged and labelled, frame by frame.

Animator, encoder and gate meet here, and nowhere else. No torch.
"""
