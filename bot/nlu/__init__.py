"""Our side of Rasa: the supervised process and the client that asks it."""
