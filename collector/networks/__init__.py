"""One folder a network. Reads communities and gives domain objects; knows nothing of storage or settings."""
