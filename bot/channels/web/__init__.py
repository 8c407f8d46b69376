"""The web chat: a page, a component that any page can carry, and the small protocol between it and the house."""
