"""What we do for residents: answers, cases, handoff. Plain Python, an SQL store, and thin Rasa actions."""
