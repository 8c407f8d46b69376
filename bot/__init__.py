"""How people reach us: channels, the life of one message, and the wiring of the whole."""
