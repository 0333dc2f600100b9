"""Single line crops for training a recogniser, drawn as our detector would cut them from a photo."""
