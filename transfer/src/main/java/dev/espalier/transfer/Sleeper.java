package dev.espalier.transfer;

import java.time.Duration;

/** Lets time pass. Production sleeps; tests only count. */
@FunctionalInterface
public interface Sleeper {

    void sleep(Duration duration) throws InterruptedException;

    /** Sleeps for real. */
    static Sleeper real() {
        return Thread::sleep;
    }
}
