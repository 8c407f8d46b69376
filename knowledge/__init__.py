"""The duty list, its checks and versions, and the search over it."""
