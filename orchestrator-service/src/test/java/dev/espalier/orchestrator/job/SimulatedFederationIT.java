package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.Client;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * One job again and again, each time with its events in another order and the orchestrator ended at
 * the edges of its transactions and calls. What is published must not depend on any of it.
 */
@Simulated
class SimulatedFederationIT {

    private static final int LONGEST_LIFE = 3000;

    /** What waits for answers must not depend on how soon they come. */
    private static final List<String> POLICIES =
            List.of(
                    "\"selection\": {\"policy\": \"ALL\"}",
                    "\"selection\": {\"policy\": \"LOSS_DIFFERENCE\", \"fraction\": 0.7,"
                            + " \"scoring\": {\"deadline\": \"P1D\"}},"
                            + " \"pruning\": {\"heads\": {\"sparsity\": 0.5,"
                            + " \"forcedKeepAfter\": 1}}",
                    "\"selection\": {\"policy\": \"ROUND_ROBIN\", \"fraction\": 0.7}");

    /** Two rounds make half of the weights zero, each client prunes some layers, one heals. */
    private static final String PRUNED =
            """
            {"kind": "PRUNE", "rounds": 2, "quorum": 1, "weights": {"sparsity": 0.5},
             "layers": {"tiers": [{"ratio": 0.4}]}}, \
            """;

    /** The phases of a job, in whose terms a scenario differs from others. */
    private static final List<String> PHASES =
            Stream.concat(
                            POLICIES.stream().map(policy -> training(3, policy)),
                            Stream.of(PRUNED + training(1, "\"selection\": {\"policy\": \"ALL\"}")))
                    .toList();

    private static String training(int rounds, String options) {
        return """
        {"kind": "FINE_TUNE", "rounds": %d, "adapter": {"rank": 2}, "quorum": 1,
         "training": {"learningRate": 0.001}, "deadline": "PT10M", %s}\
        """
                .formatted(rounds, options);
    }

    @Autowired Federation federation;
    @Autowired JdbcClient database;

    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    @BeforeEach
    void emptyFleet() {
        database.sql("delete from orchestrator.agent").update();
        database.sql(
                        "update orchestrator.assignment set state = 'OVER', reason = 'of an earlier"
                                + " test' where state in ('PLANNED', 'OFFERED', 'FETCHED')")
                .update();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void crashesAndOrderChangeNothingThatIsPublished(long seed) throws Exception {
        String phases = PHASES.get((int) (seed % PHASES.size()));
        Life calm = live("calm-" + seed, phases, new Random(seed), 0);
        Life stormy = live("stormy-" + seed, phases, new Random(seed + 1), 0.15);

        assertThat(stormy.crashes()).isPositive();
        assertThat(stormy.published()).isEqualTo(calm.published());
        assertThat(stormy.rounds()).isEqualTo(calm.rounds());
    }

    /**
     * @param published content of every version, in order
     * @param rounds each in words
     */
    private record Life(List<String> published, List<String> rounds, int crashes) {}

    private Life live(String name, String phases, Random chance, double crashing) throws Exception {
        List<SimulatedAgent> agents =
                List.of(
                        federation.trainer("ada"),
                        federation.trainer("bob"),
                        federation.trainer("cyd"),
                        federation.judge("eve"));
        for (SimulatedAgent agent : agents) {
            agent.enrol();
        }
        JobId job =
                federation.submit(
                        """
                        {"name": "test", "seed": 42,
                         "model": {"base": "all-minilm-l6-v2@1", "publishAs": "%s"},
                         "data": "mail",
                         "task": {"kind": "SEQUENCE_CLASSIFICATION", "labels": ["ham", "spam"],
                                  "maxLength": 32},
                         "phases": [%s],
                         "evaluation": {"data": "mail-test"}, "alias": "champion"}\
                        """
                                .formatted(name, phases));
        int crashes = 0;
        Pace pace = Pace.AT_ONCE;
        for (int event = 0; event < LONGEST_LIFE && pace != Pace.NEVER; event++) {
            switch (chance.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    try {
                        pace = crashing(chance, crashing, job);
                    } catch (VirtualWorld.Crash crash) {
                        crashes++;
                    }
                    checkInvariants(job);
                }
                case 4 -> federation.clock.pass(Duration.ofMillis(chance.nextInt(1500)));
                case 5 -> agents.get(chance.nextInt(agents.size())).forget();
                default -> agents.get(chance.nextInt(agents.size())).act();
            }
        }
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        return new Life(
                Stream.of(name, name + "-base", name + "-merged")
                        .map(ModelName::new)
                        .flatMap(model -> federation.registry.digests(model).stream())
                        .toList(),
                federation.rounds(job).stream().map(SimulatedFederationIT::inWords).toList(),
                crashes);
    }

    private Pace crashing(Random chance, double share, JobId job) {
        Runnable maybe =
                () -> {
                    if (chance.nextDouble() < share) {
                        throw new VirtualWorld.Crash();
                    }
                };
        federation.edges.atEdge(maybe);
        federation.aggregation.outage().beforeCall(maybe);
        federation.registry.outage().beforeCall(maybe);
        try {
            return federation.step(job);
        } finally {
            federation.edges.atEdge(() -> {});
            federation.aggregation.outage().beforeCall(() -> {});
            federation.registry.outage().beforeCall(() -> {});
        }
    }

    private void checkInvariants(JobId job) {
        JobView view = federation.view(job);
        List<RoundView> rounds = federation.rounds(job);
        for (int i = 0; i < rounds.size(); i++) {
            assertThat(rounds.get(i).number()).isEqualTo(i + 1);
            boolean last = i == rounds.size() - 1;
            assertThat(last || rounds.get(i).state() == RoundState.COMPLETED)
                    .as("only the last round may be under way")
                    .isTrue();
            assertThat(i == 0 || follows(job, rounds.get(i), rounds.get(i - 1)))
                    .as("each round starts from the version before")
                    .isTrue();
        }
        assertThat(view.round()).isEqualTo(rounds.size());
        List<Long> sequence = federation.events(job).stream().map(JobEvent::sequence).toList();
        assertThat(sequence).isSorted().doesNotHaveDuplicates();
    }

    /** The first that trains starts from the first adapter, on the base that was pruned last. */
    private boolean follows(JobId job, RoundView round, RoundView before) {
        return round.parent().equals(before.published())
                || round.phase() > before.phase()
                        && federation.aggregation.baseOfFirst(job).equals(before.published());
    }

    private static String inWords(RoundView round) {
        List<String> words = new ArrayList<>();
        words.add(
                "%d %s %d -> %s"
                        .formatted(
                                round.number(),
                                round.state(),
                                round.parent().number(),
                                round.published().number()));
        for (Client client : round.clients()) {
            words.add("%s %s %d".formatted(client.agent(), client.outcome(), client.examples()));
        }
        words.add(String.valueOf(round.evaluation()));
        return String.join(", ", words);
    }
}
