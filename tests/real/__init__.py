"""The end-to-end fixture's second implementation: real Kafka, a real Kubernetes API server, and moto for AWS."""
