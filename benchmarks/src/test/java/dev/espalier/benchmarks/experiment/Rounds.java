package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.work.Cost;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Rounds as a platform would show them. */
public final class Rounds {

    private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

    private Rounds() {}

    /**
     * One that has ended: 100 bytes up, of them 10 of the task head, 500 down, of them 400 of the
     * base, 1000 multiply-accumulates, 2 s.
     *
     * @param accuracy on validation data
     * @param last on test data; null: it was not the last
     */
    public static RoundView ended(int number, Double accuracy, Double last) {
        return view(number, RoundState.COMPLETED, accuracy, last, START.plusSeconds(60));
    }

    /** As {@link #ended}, with this cohort. */
    public static RoundView ended(int number, Double accuracy, Double last, List<String> cohort) {
        return view(number, RoundState.COMPLETED, accuracy, last, START.plusSeconds(60), cohort);
    }

    /** One that published nothing. */
    public static RoundView missed(int number) {
        return view(number, RoundState.VOID, null, null, START.plusSeconds(60));
    }

    static RoundView underWay(int number) {
        return view(number, RoundState.GATHERING, null, null, null);
    }

    static RoundView view(
            int number, RoundState state, Double accuracy, Double last, Instant endedAt) {
        return view(number, state, accuracy, last, endedAt, List.of("ada", "bob"));
    }

    private static RoundView view(
            int number,
            RoundState state,
            Double accuracy,
            Double last,
            Instant endedAt,
            List<String> cohort) {
        return new RoundView(
                new RoundId(new UUID(0, number)),
                number,
                0,
                state,
                VersionRef.parse("m@1"),
                null,
                1,
                cohort.stream().map(Rounds::client).toList(),
                List.of(),
                score(accuracy),
                null,
                score(last),
                null,
                new RoundView.Traffic(100, 10, 120, 500, 400, 180, 180),
                new Cost(1000, 300, 400, 50),
                new RoundView.Timing(2, 0.5, 0.25, 5),
                null,
                START,
                START.plusSeconds(600),
                endedAt);
    }

    private static RoundView.Evaluation score(Double accuracy) {
        return accuracy == null
                ? null
                : new RoundView.Evaluation(
                        10, 1 - accuracy, accuracy, accuracy / 2, null, null, null, List.of());
    }

    private static RoundView.Client client(String name) {
        return new RoundView.Client(
                new AgentName(name),
                RoundView.ClientOutcome.ACCEPTED,
                null,
                null,
                10,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0.5,
                50,
                5,
                60,
                250,
                200,
                1,
                Cost.NONE);
    }
}
