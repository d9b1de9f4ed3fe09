"""PostgreSQL, files and rule packs: where the panel keeps what it knows."""
