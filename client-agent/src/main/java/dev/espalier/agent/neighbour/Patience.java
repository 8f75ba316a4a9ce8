package dev.espalier.agent.neighbour;

import dev.espalier.transfer.Sleeper;
import dev.espalier.transfer.TransferException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that tries again. The pause doubles up to the longest, and is drawn between half
 * and one and a half of that, so that a fleet does not come back all at once.
 */
public final class Patience {

    private static final Logger log = LoggerFactory.getLogger(Patience.class);

    private final Duration first;
    private final Duration longest;
    private final RandomGenerator jitter;
    private final Sleeper sleeper;

    public Patience(Duration first, Duration longest, RandomGenerator jitter, Sleeper sleeper) {
        this.first = first;
        this.longest = longest;
        this.jitter = jitter;
        this.sleeper = sleeper;
    }

    /** Something that talks to a service. */
    @FunctionalInterface
    public interface Call<T> {

        T make() throws IOException, InterruptedException;
    }

    /**
     * Makes the call until it succeeds or is refused.
     *
     * @param what for the log
     * @param givenUp asked after every failure
     * @return empty if it was given up
     * @throws RefusedException the service refuses it for good
     */
    public <T> Optional<T> insist(String what, BooleanSupplier givenUp, Call<T> call)
            throws IOException, InterruptedException {
        for (int failed = 0; ; failed++) {
            try {
                return Optional.of(call.make());
            } catch (UnavailableException | TransferException unavailable) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedException(what);
                }
                if (givenUp.getAsBoolean()) {
                    return Optional.empty();
                }
                log.warn(
                        "{} failed times={} reason={}", what, failed + 1, unavailable.getMessage());
            }
            sleeper.sleep(jittered(pauseAfter(failed)));
        }
    }

    /** Waits about that long. */
    public void pause(Duration about) throws InterruptedException {
        sleeper.sleep(jittered(about));
    }

    private Duration pauseAfter(int failed) {
        Duration pause = first.multipliedBy(1L << Math.min(failed, 20));
        return pause.compareTo(longest) > 0 ? longest : pause;
    }

    private Duration jittered(Duration about) {
        long nanos = about.toNanos();
        return about.dividedBy(2).plusNanos(nanos > 0 ? jitter.nextLong(nanos) : 0);
    }
}
