package dev.espalier.agent.work;

import java.util.function.LongSupplier;

/** Seconds since it was started. */
final class Stopwatch {

    private final LongSupplier nanoTime;
    private final long start;

    Stopwatch(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
    }

    double seconds() {
        return (nanoTime.getAsLong() - start) / 1e9;
    }
}
