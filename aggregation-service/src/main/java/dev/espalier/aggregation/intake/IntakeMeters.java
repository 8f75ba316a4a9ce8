package dev.espalier.aggregation.intake;

import dev.espalier.protocol.problem.ProblemType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.stereotype.Component;

/** Counts updates and their bytes. */
@Component
class IntakeMeters {

    private final MeterRegistry registry;
    private final Counter accepted;
    private final Counter bytes;

    IntakeMeters(MeterRegistry registry) {
        this.registry = registry;
        this.accepted =
                Counter.builder("espalier.updates.accepted")
                        .description("updates that count")
                        .register(registry);
        this.bytes =
                Counter.builder("espalier.updates.received")
                        .description("bytes of updates that came in, good or bad")
                        .baseUnit("bytes")
                        .register(registry);
    }

    void accepted() {
        accepted.increment();
    }

    void rejected(ProblemType type) {
        Counter.builder("espalier.updates.rejected")
                .description("updates that were refused whole")
                .tag("reason", type.name())
                .register(registry)
                .increment();
    }

    void received(long count) {
        bytes.increment((double) count);
    }
}
