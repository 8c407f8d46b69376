"""What is kept, and how: SQLAlchemy over SQLite or PostgreSQL."""
