"""What the server counts and measures, for /metrics. Holds no message text and no address."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8)


class Metrics:
    """One registry per server, so that several servers can live in one test process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.sockets = Gauge("shopkeeper_sockets", "Open websockets.", ["who"], registry=registry)
        self.frames = Counter(
            "shopkeeper_frames_total", "Frames that came in.", ["who"], registry=registry
        )
        self.refused = Counter(
            "shopkeeper_refused_total", "Frames refused.", ["code"], registry=registry
        )
        self.closed = Counter(
            "shopkeeper_closed_total", "Sockets the server closed.", ["code"], registry=registry
        )
        self.accepted_seconds = Histogram(
            "shopkeeper_accepted_seconds",
            "From a message's frame to its acceptance, which is after it is durable.",
            buckets=_FAST,
            registry=registry,
        )
        self.turn_seconds = Histogram(
            "shopkeeper_turn_seconds",
            "From the acceptance of a message to the end of its turn.",
            buckets=_FAST,
            registry=registry,
        )
        self.turns = Counter(
            "shopkeeper_turns_total",
            "Turns ended, by what they came to.",
            ["decision"],
            registry=registry,
        )
        self.batch = Histogram(
            "shopkeeper_batch_turns",
            "Turns answered together.",
            buckets=(1, 2, 4, 8, 16, 32, 64, 128),
            registry=registry,
        )
        self.waiting_turns = Gauge(
            "shopkeeper_waiting_turns", "Turns that wait for the answerer.", registry=registry
        )
        self.loop_lag_seconds = Gauge(
            "shopkeeper_loop_lag_seconds",
            "Longest wait of the event loop in the last seconds.",
            registry=registry,
        )

        self.answers_beside = Gauge(
            "shopkeeper_answers_beside",
            "How many other processes answer; 0 while the server does so itself.",
            registry=registry,
        )
        self.answers_beside_lost = Gauge(
            "shopkeeper_answers_beside_lost",
            "How many of them have died, hung or not followed a change since the start.",
            registry=registry,
        )

    def text(self) -> bytes:
        """Everything in the Prometheus text format."""
        return generate_latest(self.registry)
