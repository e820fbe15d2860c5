"""Kafka: topics, the worker that takes commands in, the relay that sends events out, what follows them."""
