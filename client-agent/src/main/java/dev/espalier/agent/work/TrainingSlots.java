package dev.espalier.agent.work;

import dev.espalier.agent.poll.Heartbeat;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many agents of this process may compute at the same time. Those who wait are served in the
 * order they came.
 */
public final class TrainingSlots {

    private static final long LOOK_UP_MILLIS = 250;

    private final Semaphore free;

    public TrainingSlots(int slots) {
        this.free = new Semaphore(slots, true);
    }

    /** A place to compute in until it is closed. */
    interface Slot extends AutoCloseable {

        @Override
        void close();
    }

    /** Waits for a place; empty if the work was stopped meanwhile. */
    Optional<Slot> take(Heartbeat heartbeat) throws InterruptedException {
        while (!free.tryAcquire(LOOK_UP_MILLIS, TimeUnit.MILLISECONDS)) {
            if (heartbeat.isStopped()) {
                return Optional.empty();
            }
        }
        return Optional.of(free::release);
    }
}
