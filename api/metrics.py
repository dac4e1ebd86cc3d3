"""What one process counts for Prometheus; no label names a user."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """What one process counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(namespace="bookrunner", registry=self.registry)
        self._requests = Histogram(
            "bookrunner_http_request_duration_seconds",
            "Requests answered, by route.",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._refused = Counter(
            "bookrunner_http_keys_refused",
            "Requests whose key was not accepted.",
            registry=self.registry,
        )
        self.streams = Gauge(
            "bookrunner_http_streams", "Event streams that are open.", registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def refused_key(self) -> None:
        """Count one key that was not accepted."""
        self._refused.inc()
