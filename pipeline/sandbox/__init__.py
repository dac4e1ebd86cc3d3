"""Stand-ins of the six services on loopback, with a small public-domain library."""
