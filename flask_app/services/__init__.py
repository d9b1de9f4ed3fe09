"""The use cases: the only place that changes a state; one transaction each."""
