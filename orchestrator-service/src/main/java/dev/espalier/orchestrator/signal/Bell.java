package dev.espalier.orchestrator.signal;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Wakes the threads of this process that wait for a change to {@code K}. Listen first, then look
 * whether the change is there already, then wait: so none is missed. Changes made by another
 * replica are not heard; whoever waits looks again now and then.
 *
 * @param <K> what changes
 */
public final class Bell<K> implements AutoCloseable {

    private final Map<K, Set<Ear>> listening = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public Ear listen(K key) {
        Ear ear = new Ear(key);
        listening.compute(
                key,
                (k, ears) -> {
                    Set<Ear> all = ears == null ? ConcurrentHashMap.newKeySet() : ears;
                    all.add(ear);
                    return all;
                });
        return ear;
    }

    /** Wakes everyone who listens to {@code key}. */
    public void ring(K key) {
        listening.getOrDefault(key, Set.of()).forEach(Ear::wake);
    }

    /** Wakes everyone, and from now on nobody waits: the process is ending. */
    @Override
    public void close() {
        closed = true;
        listening.values().forEach(ears -> ears.forEach(Ear::wake));
    }

    public boolean isClosed() {
        return closed;
    }

    /** How many wait right now. */
    public int listeners() {
        return listening.values().stream().mapToInt(Set::size).sum();
    }

    /** One who listens. */
    public final class Ear implements AutoCloseable {

        private final K key;
        private final Semaphore rung = new Semaphore(0);

        private Ear(K key) {
            this.key = key;
        }

        /** Waits for the next ring since the last call, but no longer than {@code atMost}. */
        public void await(Duration atMost) throws InterruptedException {
            if (!closed && rung.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                rung.drainPermits();
            }
        }

        private void wake() {
            rung.release();
        }

        @Override
        public void close() {
            listening.computeIfPresent(
                    key,
                    (k, ears) -> {
                        ears.remove(this);
                        return ears.isEmpty() ? null : ears;
                    });
        }
    }
}
