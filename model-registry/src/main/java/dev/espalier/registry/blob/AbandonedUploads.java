package dev.espalier.registry.blob;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

/** Gives up uploads that nobody has gone on with for long. */
final class AbandonedUploads {

    private static final Logger log = LoggerFactory.getLogger(AbandonedUploads.class);

    private final StagingArea staging;
    private final Duration abandonedAfter;
    private final InstantSource clock;

    AbandonedUploads(StagingArea staging, Duration abandonedAfter, InstantSource clock) {
        this.staging = staging;
        this.abandonedAfter = abandonedAfter;
        this.clock = clock;
    }

    @Scheduled(fixedDelayString = "${espalier.registry.blobs.sweep-every:PT1H}")
    void sweep() throws IOException {
        int swept = staging.sweep(clock.instant().minus(abandonedAfter));
        if (swept > 0) {
            log.info("abandoned uploads deleted count={} olderThan={}", swept, abandonedAfter);
        }
    }
}
