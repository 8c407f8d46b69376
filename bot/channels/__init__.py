"""The ways in. Channels know nothing of one another; each turns a provider's format into `Inbound` and back."""
