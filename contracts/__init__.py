"""What is said: versioned events, the topic map, reasons, and the wire. Standard library and pydantic only."""
