"""The dialogue: what we say and do for a message, as plain functions over a small state. Knows no framework."""
