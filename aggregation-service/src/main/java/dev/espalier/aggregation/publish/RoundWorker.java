package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.session.Outcome;
import dev.espalier.aggregation.session.SealedRounds;
import dev.espalier.aggregation.session.SealedRounds.Work;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.RoundId;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.stereotype.Component;

/**
 * Works on sealed rounds, one after the other, until none is due.
 *
 * <p>What is to be done stands in the database and nowhere else: a round that was sealed here is
 * only begun sooner than one that is found. A failure that may pass is tried again for ever; a
 * refusal that will not change makes the round void, with its reason.
 */
@Component
class RoundWorker {

    private static final Logger log = LoggerFactory.getLogger(RoundWorker.class);

    private final SealedRounds rounds;
    private final RoundPublisher publisher;
    private final TaskScheduler scheduler;
    private final Duration lease;
    private final MeterRegistry meters;

    RoundWorker(
            SealedRounds rounds,
            RoundPublisher publisher,
            TaskScheduler scheduler,
            PublishProperties properties,
            MeterRegistry meters) {
        this.rounds = rounds;
        this.publisher = publisher;
        this.scheduler = scheduler;
        this.lease = properties.lease();
        this.meters = meters;
    }

    /** Works until nothing is due. */
    void drain() {
        Optional<Work> work = rounds.lease(lease);
        while (work.isPresent() && !Thread.currentThread().isInterrupted()) {
            workOn(work.get());
            work = rounds.lease(lease);
        }
    }

    private void workOn(Work work) {
        RoundId round = work.terms().round();
        if (work.counted().isEmpty()) {
            rounds.voided(round, "no update counted");
            return;
        }
        ScheduledFuture<?> renewal =
                scheduler.scheduleAtFixedRate(() -> rounds.renew(round, lease), lease.dividedBy(3));
        try {
            publish(work);
        } catch (ProblemException refused) {
            refused(round, refused);
        } catch (IOException | RuntimeException surprise) {
            log.error("round could not be combined, will be tried again round={}", round, surprise);
            rounds.postponed(round);
        } finally {
            renewal.cancel(false);
        }
    }

    private void publish(Work work) throws IOException {
        RoundId round = work.terms().round();
        Timer.Sample sample = Timer.start(meters);
        long started = System.nanoTime();
        Outcome outcome = publisher.publish(work);
        double seconds = (System.nanoTime() - started) / 1e9;
        sample.stop(
                Timer.builder("espalier.combine")
                        .description("combining and publishing one round")
                        .register(meters));
        rounds.published(round, outcome, seconds);
        log.info(
                "round combined round={} version={} base={} updates={} seconds={}",
                round,
                outcome.version(),
                Objects.requireNonNullElse(outcome.base(), work.terms().base()),
                work.counted().size(),
                seconds);
    }

    private void refused(RoundId round, ProblemException refused) {
        if (refused.type().worthRetrying()) {
            log.warn("round postponed round={} reason={}", round, refused.getMessage());
            rounds.postponed(round);
            return;
        }
        log.error("round given up round={} reason={}", round, refused.getMessage());
        rounds.voided(round, String.valueOf(refused.getMessage()));
    }
}
