"""Labelled wall photos drawn by the program itself: `draw(seed, faces)` answers with a picture and its truth."""
