"""What must hold of the image and of compose.yaml, each really tried on a Docker engine: `make container-test`."""
