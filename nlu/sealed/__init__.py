"""What runs inside Rasa's own environment: our process imports nothing of it."""
