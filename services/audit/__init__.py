"""The audit worker: reads all topics of the road, checks the laws, says what it finds."""
