"""Steps that make a picture readable; each answers with a new picture and never changes the one it was given."""
