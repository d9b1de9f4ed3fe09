"""Training institutions seen from outside: grade batches and their reports."""
