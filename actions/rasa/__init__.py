"""Thin Rasa action classes over `actions.dialogue`."""
