"""Sentences as vectors: the encoder that ships with the project, how it was trained, and how to use another."""
