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
        String policy = POLICIES.get((int) (seed % POLICIES.size()));
        Life calm = live("calm-" + seed, policy, new Random(seed), 0);
        Life stormy = live("stormy-" + seed, policy, new Random(seed + 1), 0.15);

        assertThat(stormy.crashes()).isPositive();
        assertThat(stormy.published()).isEqualTo(calm.published());
        assertThat(stormy.rounds()).isEqualTo(calm.rounds());
    }

    /**
     * @param published content of every version, in order
     * @param rounds each in words
     */
    private record Life(List<String> published, List<String> rounds, int crashes) {}

    private Life live(String name, String policy, Random chance, double crashing) throws Exception {
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
                federation.submit(name, 3, "\"quorum\": 1, " + policy, "{\"data\": \"mail-test\"}");
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
                federation.registry.digests(new ModelName(name)),
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
            assertThat(i == 0 || rounds.get(i).parent().equals(rounds.get(i - 1).published()))
                    .as("each round starts from the version before")
                    .isTrue();
        }
        assertThat(view.round()).isEqualTo(rounds.size());
        List<Long> sequence = federation.events(job).stream().map(JobEvent::sequence).toList();
        assertThat(sequence).isSorted().doesNotHaveDuplicates();
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
