package dev.espalier.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.orchestrator.layers.LayerDraw;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.Client;
import dev.espalier.protocol.job.RoundView.OfAgent;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.PrunePlan;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Jobs that prune their base, and heal it then. */
@Simulated
class PruneLifeIT {

    /** Of its 6 layers each has 6 matrices, with 4 * 64 + 2 * 128 elements together. */
    private static final long MATRICES = 6 * 512;

    private static final String HALF = "{\"sparsity\": 0.5}";
    private static final String HEALING =
            """
            {"kind": "FINE_TUNE", "rounds": 1, "adapter": {"rank": 2},
             "training": {"learningRate": 0.001}, "deadline": "PT10M"}\
            """;
    private static final String EVALUATED =
            "{\"data\": \"letters-test\", \"clientData\": \"letters\"}";

    @Autowired Federation federation;
    @Autowired Rounds rounds;
    @Autowired JdbcClient database;

    private SimulatedAgent ada;
    private SimulatedAgent bob;
    private SimulatedAgent cyd;
    private SimulatedAgent eve;

    @BeforeEach
    void emptyFleet() throws Exception {
        database.sql("delete from orchestrator.agent").update();
        database.sql(
                        "update orchestrator.assignment set state = 'OVER', reason = 'of an earlier"
                                + " test' where state in ('PLANNED', 'OFFERED', 'FETCHED')")
                .update();
        ada = federation.writer("ada");
        bob = federation.writer("bob");
        cyd = federation.writer("cyd");
        eve = federation.reader("eve");
        for (SimulatedAgent agent : List.of(ada, bob, cyd, eve)) {
            agent.enrol();
        }
    }

    @Test
    void aBaseIsPrunedInStepsAndThenHealed() throws Exception {
        JobId job = submit("healed", prune(2, HALF, "") + ", " + HEALING, EVALUATED, "champion");
        List<Assignment> done = new ArrayList<>();

        carryThrough(job, done, ada, bob, cyd, eve);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        List<RoundView> told = federation.rounds(job);
        assertThat(told)
                .extracting(round -> round.parent() + " " + round.published())
                .containsExactly(
                        "opt-tiny@1 healed-base@1",
                        "healed-base@1 healed-base@2",
                        "healed@1 healed@2");
        assertThat(told).extracting(RoundView::sparsity).containsExactly(0.25, 0.5, null);
        assertThat(prunings(done))
                .extracting(work -> work.base() + " " + work.plan().sparsity())
                .startsWith("opt-tiny@1 0.25")
                .endsWith("healed-base@1 0.5")
                .hasSize(6);
        assertThat(done)
                .filteredOn(Assignment.Train.class::isInstance)
                .hasSize(3)
                .extracting(Assignment::base)
                .containsOnly(VersionRef.parse("healed-base@2"));
        assertThat(federation.aggregation.baseOfFirst(job)).hasToString("healed-base@2");
        assertThat(federation.view(job).merged()).hasToString("healed-merged@1");
        assertThat(federation.registry.alias(new ModelName("healed"), new AliasName("champion")))
                .hasValue(2);
    }

    @Test
    void basesAreEvaluatedAsTheyAreAndByEveryClientToo() throws Exception {
        JobId job = submit("judged", prune(1, HALF, "") + ", " + HEALING, EVALUATED, null);
        List<Assignment> done = new ArrayList<>();

        carryThrough(job, done, ada, bob, cyd, eve);

        List<Assignment.Evaluate> judged = evaluations(done);
        assertThat(judged).hasSize(8); // two versions, each by eve, and by three at home
        assertThat(judged.subList(0, 4))
                .allSatisfy(work -> {
                    assertThat(work.base()).hasToString("judged-base@1");
                    assertThat(work.adapter()).isNull();
                    assertThat(work.adapterSpec()).isNull();
                });
        assertThat(judged.subList(4, 8))
                .allSatisfy(work -> {
                    assertThat(work.base()).hasToString("judged-base@1");
                    assertThat(work.adapter()).hasToString("judged@2");
                    assertThat(work.adapterSpec()).isNotNull();
                });
        RoundView pruned = federation.rounds(job).getFirst();
        assertThat(Objects.requireNonNull(pruned.evaluation()).perplexity())
                .isCloseTo(Math.exp(1.1), within(1e-12));
        assertThat(pruned.evaluation().agents())
                .containsExactly(new OfAgent(eve.name(), 10, 1.1, null, Math.exp(1.1)));
        assertThat(Objects.requireNonNull(pruned.clientEvaluation()).agents())
                .extracting(OfAgent::agent)
                .containsExactly(ada.name(), bob.name(), cyd.name());
        assertThat(pruned.clientEvaluation().examples()).isEqualTo(30);
    }

    @Test
    void whatAPruningClientDidIsToldAsOfOneThatTrains() throws Exception {
        JobId job = submit("told", prune(1, HALF, ""), "null", null);

        carryThrough(job, new ArrayList<>(), ada, bob, cyd);

        RoundView round = federation.rounds(job).getFirst();
        assertThat(round.clients()).extracting(Client::layers).containsOnly(6);
        assertThat(round.clients()).extracting(Client::sparsity).containsOnly(0.5);
        assertThat(round.clients()).extracting(Client::baseBytesDown).containsOnly(500L);
        assertThat(round.traffic().denseBytesUp()).isEqualTo(3 * 4 * MATRICES);
        assertThat(round.cost().macs()).isEqualTo(2100);
        assertThat(message(job, "round-started"))
                .isEqualTo("round 1 of 1 prunes to a sparsity of 0.5 with 3 agents");
        assertThat(events(job, "round-started").getFirst().data())
                .containsEntry("sparsity", 0.5)
                .containsKey("layers");
        assertThat(message(job, "version-published")).isEqualTo("round 1 became told-base@1");
        List<MatrixSparsity> matrices = rounds.sparsity(job).rounds().getFirst().matrices();
        assertThat(matrices).hasSize(36).allMatch(matrix -> matrix.responders() == 3);
        assertThat(rounds.components(job)).isEmpty();
        assertThat(rounds.heads(job)).isEmpty();
    }

    @Test
    void aJobThatOnlyPrunesEndsWithItsLastBase() throws Exception {
        JobId job = submit("bare", prune(2, HALF, ""), "null", "champion");

        carryThrough(job, new ArrayList<>(), ada, bob, cyd);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(federation.view(job).latest()).hasToString("bare-base@2");
        assertThat(federation.view(job).merged()).hasToString("bare-base@2");
        assertThat(federation.registry.digests(new ModelName("bare-merged"))).isEmpty();
        assertThat(federation.registry.digests(new ModelName("bare"))).isEmpty();
        assertThat(federation.registry.alias(new ModelName("bare-base"), new AliasName("champion")))
                .hasValue(2);
    }

    @Test
    void layersAreDrawnByStrengthAndNoneIsLeftOut() throws Exception {
        ada.processors(8);
        ada.enrol();
        String layers =
                """
                "layers": {"tiers": [{"ratio": 0.5, "minProcessors": 4}, {"ratio": 0.25}]},\
                """;
        JobId job = submit("sampled", prune(1, HALF, layers), "null", null);
        List<Assignment> done = new ArrayList<>();

        carryThrough(job, done, ada, bob, cyd);

        List<Assignment.Prune> work = prunings(done);
        LayerDraw draw = new LayerDraw(42, 1, 6);
        TreeSet<Integer> covered = new TreeSet<>();
        for (Assignment.Prune one : work) {
            covered.addAll(one.plan().layers());
        }
        assertThat(covered).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(work).hasSize(3);
        for (SimulatedAgent agent : List.of(ada, bob, cyd)) {
            BigDecimal ratio = new BigDecimal(agent == ada ? "0.5" : "0.25");
            assertThat(layersOf(job, agent))
                    .isSorted()
                    .containsAll(draw.of(HashKeys.id(agent.name().value()), ratio));
        }
        assertThat(rounds.sparsity(job).rounds().getFirst().matrices())
                .allMatch(matrix -> matrix.responders() > 0);
    }

    @Test
    void countsAreThoseOfTheVectorAndSetsThoseOfItsKeys() throws Exception {
        JsonNode vector = vector("counts_and_sets");
        List<String> names = List.of("ada", "bob", "cyd");
        ada.processors(1);
        bob.processors(2);
        cyd.processors(3);
        for (SimulatedAgent agent : List.of(ada, bob, cyd)) {
            agent.enrol();
        }
        JsonNode rho = vector.at("/input/rho");
        String layers =
                """
                "layers": {"tiers": [{"ratio": %s, "minProcessors": 3},
                    {"ratio": %s, "minProcessors": 2}, {"ratio": %s}], "ensureCoverage": false},\
                """
                        .formatted(rho.get(2), rho.get(1), rho.get(0));
        JobId job = submit("vector", prune(1, HALF, layers), "null", null);

        carryThrough(job, new ArrayList<>(), ada, bob, cyd);

        List<SimulatedAgent> agents = List.of(ada, bob, cyd);
        for (int client = 0; client < names.size(); client++) {
            int count = vector.at("/expected/counts").get(client).asInt();
            assertThat(layersOf(job, agents.get(client)))
                    .hasSize(count)
                    .isEqualTo(smallestKeys(names.get(client), count));
        }
    }

    /** SplitMix64 from the library, folded as the vectors say. */
    private static List<Integer> smallestKeys(String name, int count) {
        return IntStream.range(0, 6)
                .boxed()
                .sorted((one, other) -> Long.compareUnsigned(key(name, one), key(name, other)))
                .limit(count)
                .sorted()
                .toList();
    }

    private static long key(String name, int layer) {
        long hash = new SplittableRandom(42).nextLong();
        for (long id : new long[] {1, HashKeys.id(name), layer}) {
            hash = new SplittableRandom(hash ^ new SplittableRandom(id).nextLong()).nextLong();
        }
        return hash;
    }

    private static JsonNode vector(String name) throws IOException {
        try (InputStream in =
                PruneLifeIT.class.getResourceAsStream("/vectors/layer_sampling.json")) {
            return JsonMapper.shared()
                    .readTree(in)
                    .get("cases")
                    .valueStream()
                    .filter(one -> one.get("name").asString().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void candidatesMeasureTheLossOfTheBaseItself() throws Exception {
        String byLoss = "\"selection\": {\"policy\": \"POWER_OF_CHOICE\", \"fraction\": 0.5},";
        JobId job = submit("scored", prune(1, HALF, byLoss), "null", null);
        List<Assignment> done = new ArrayList<>();

        carryThrough(job, done, ada, bob, cyd);

        assertThat(done)
                .filteredOn(Assignment.Score.class::isInstance)
                .hasSize(3)
                .allSatisfy(work -> {
                    assertThat(work.base()).hasToString("opt-tiny@1");
                    assertThat(work.adapter()).isNull();
                    assertThat(work.adapterSpec()).isNull();
                    assertThat(((Assignment.Score) work).alsoOwn()).isFalse();
                });
        assertThat(prunings(done)).hasSize(1);
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
    }

    @Test
    void aHealingThatPublishesNothingLeavesTheSparseBase() throws Exception {
        JobId job = submit("unhealed", prune(1, HALF, "") + ", " + HEALING, "null", "champion");
        for (int turn = 0; turn < 20 && federation.rounds(job).size() < 2; turn++) {
            turn(job, new ArrayList<>(), ada, bob, cyd);
        }
        for (SimulatedAgent agent : List.of(ada, bob, cyd)) {
            agent.forget();
            agent.breakTraining();
        }

        carryThrough(job, new ArrayList<>(), ada, bob, cyd);

        assertThat(federation.rounds(job))
                .extracting(RoundView::state)
                .containsExactly(RoundState.COMPLETED, RoundState.VOID);
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(federation.view(job).merged()).hasToString("unhealed-base@1");
    }

    @Test
    void withoutCoverageALayerMayStayAsItWas() throws Exception {
        bob.leave();
        cyd.leave();
        String layers = "\"layers\": {\"tiers\": [{\"ratio\": 0.5}], \"ensureCoverage\": false},";
        JobId job = submit("uncovered", prune(1, HALF, layers), "null", null);

        carryThrough(job, new ArrayList<>(), ada);

        assertThat(layersOf(job, ada)).hasSize(3);
        RoundView round = federation.rounds(job).getFirst();
        assertThat(round.sparsity()).isEqualTo(0.25);
        assertThat(round.clients()).extracting(Client::layers).containsExactly(3);
    }

    @Test
    void whoMeetsNoTierIsLeftOutWithTheReason() throws Exception {
        String layers = "\"layers\": {\"tiers\": [{\"ratio\": 0.5, \"minProcessors\": 4}]},";
        ada.processors(4);
        ada.enrol();
        JobId job = submit("tiers", prune(1, HALF, layers), "null", null);

        carryThrough(job, new ArrayList<>(), ada, bob, cyd);

        RoundView round = federation.rounds(job).getFirst();
        assertThat(round.clients()).extracting(Client::agent).containsExactly(ada.name());
        assertThat(round.leftOut())
                .filteredOn(out -> out.agent().equals(bob.name()))
                .singleElement()
                .satisfies(out ->
                        assertThat(out.reason())
                                .contains("2 processors", "a share of 0.5 of the layers needs"));
    }

    @Test
    void eachClientsOwnModelIsJudgedWhereNothingIsCombined() throws Exception {
        JobId job =
                submit(
                        "alone",
                        prune(1, HALF, "\"aggregation\": {\"rule\": \"STANDALONE\"},"),
                        "{\"data\": \"letters-test\"}",
                        null);
        List<Assignment> done = new ArrayList<>();

        carryThrough(job, done, ada, bob, cyd, eve);

        assertThat(evaluations(done))
                .extracting(Assignment::base)
                .extracting(VersionRef::toString)
                .containsExactlyInAnyOrder("alone-base@1", "alone-base@2", "alone-base@3");
        RoundView round = federation.rounds(job).getFirst();
        assertThat(round.published()).hasToString("alone-base@1");
        RoundView.Evaluation mean = Objects.requireNonNull(round.evaluation());
        double perplexity = (Math.exp(1.1) + Math.exp(1.2) + Math.exp(1.3)) / 3;
        assertThat(mean.perplexity()).isCloseTo(perplexity, within(1e-12));
        assertThat(mean.loss()).isCloseTo(1.2, within(1e-12));
        assertThat(mean.examples()).isEqualTo(10);
        assertThat(mean.agents())
                .extracting(OfAgent::agent)
                .containsExactly(ada.name(), bob.name(), cyd.name());
        assertThat(mean.agents())
                .extracting(OfAgent::perplexity)
                .containsExactly(Math.exp(1.1), Math.exp(1.2), Math.exp(1.3));
        assertThat(message(job, "version-published"))
                .isEqualTo("round 1 became alone-base@1, alone-base@2, alone-base@3");
        assertThat(message(job, "round-evaluated"))
                .startsWith(
                        "each of the 3 clients' own versions, in the mean, has a perplexity of");
        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
    }

    @Test
    void aPatternHasNoSparsity() throws Exception {
        JobId job = submit("pattern", prune(1, "{\"pattern\": \"2:4\"}", ""), "null", null);
        List<Assignment> done = new ArrayList<>();

        carryThrough(job, done, ada, bob, cyd);

        assertThat(prunings(done)).extracting(work -> work.plan().sparsity()).containsOnlyNulls();
        assertThat(message(job, "round-started"))
                .isEqualTo("round 1 of 1 prunes to the pattern 2:4 with 3 agents");
    }

    @Test
    void aRoundThatPublishedNothingIsMadeUpForByTheNext() throws Exception {
        JobId job = submit("stumbling", prune(2, HALF, "\"quorum\": 1,"), "null", null);
        federation.settle(job);
        ada.poll();
        federation.aggregation.reject(
                Objects.requireNonNull(ada.work()).round(), ada.name(), "it has a NaN");
        ada.forget();
        List<Assignment> done = new ArrayList<>();

        carryThrough(job, done, ada, bob, cyd);

        assertThat(federation.rounds(job))
                .extracting(RoundView::state)
                .containsExactly(RoundState.VOID, RoundState.COMPLETED);
        assertThat(prunings(done).getLast().base()).hasToString("opt-tiny@1");
        assertThat(prunings(done).getLast().plan().sparsity()).isEqualByComparingTo("0.5");
        assertThat(federation.view(job).merged()).hasToString("stumbling-base@1");
    }

    @Test
    void whereNoRoundPrunedNothingIsHealed() throws Exception {
        JobId job =
                submit("dense", prune(1, HALF, "\"quorum\": 1,") + ", " + HEALING, "null", null);
        federation.settle(job);
        federation.clock.pass(Duration.ofMinutes(11));

        federation.settle(job);

        assertThat(federation.view(job).state()).isEqualTo(JobState.FAILED);
        assertThat(federation.view(job).reason())
                .startsWith("none of the rounds that prune published anything");
        assertThat(federation.registry.digests(new ModelName("dense"))).isEmpty();
    }

    @Test
    void aPausedPruningGoesOnWhereItWas() throws Exception {
        JobId job = submit("paused", prune(2, HALF, "") + ", " + HEALING, "null", null);
        federation.settle(job);
        federation.jobs().pause(job);
        carryThrough(job, new ArrayList<>(), ada, bob, cyd);
        assertThat(federation.rounds(job)).hasSize(1);
        assertThat(federation.view(job).state()).isEqualTo(JobState.PAUSED);

        federation.jobs().resume(job);
        carryThrough(job, new ArrayList<>(), ada, bob, cyd);

        assertThat(federation.view(job).state()).isEqualTo(JobState.COMPLETED);
        assertThat(federation.rounds(job)).hasSize(3);
        assertThat(federation.aggregation.baseOfFirst(job)).hasToString("paused-base@2");
    }

    @Test
    void aCancelledPruningKeepsWhatItPublished() throws Exception {
        JobId job = submit("cancelled", prune(2, HALF, "") + ", " + HEALING, "null", null);
        for (int turn = 0; turn < 20 && federation.rounds(job).size() < 2; turn++) {
            turn(job, new ArrayList<>(), ada, bob, cyd);
        }

        federation.jobs().cancel(job);
        federation.settle(job);

        assertThat(federation.view(job).state()).isEqualTo(JobState.CANCELLED);
        assertThat(federation.view(job).latest()).hasToString("cancelled-base@1");
        assertThat(federation.rounds(job))
                .extracting(RoundView::state)
                .containsExactly(RoundState.COMPLETED, RoundState.CANCELLED);
    }

    @Test
    void theSameTokenIsGivenAgainAndIsNowhereStored() throws Exception {
        JobId job = submit("token", prune(1, HALF, ""), "null", null);
        federation.settle(job);
        ada.poll();
        Assignment.Prune first = (Assignment.Prune) Objects.requireNonNull(ada.work());
        ada.forget();

        ada.poll();

        assertThat(ada.work()).isEqualTo(first);
        assertThat(first.uploadToken()).isNotEmpty();
        assertThat(first.plan()).isEqualTo(plan(first.plan()));
        assertThat(
                        database.sql("select work from orchestrator.assignment where job = ?")
                                .param(job.value())
                                .query(String.class)
                                .list())
                .isNotEmpty()
                .noneMatch(work -> work.contains(first.uploadToken()));
    }

    private static PrunePlan plan(PrunePlan told) {
        return new PrunePlan(List.of(0, 1, 2, 3, 4, 5), new BigDecimal("0.5"), told.settings());
    }

    private static String prune(int rounds, String weights, String options) {
        return """
        {"kind": "PRUNE", "rounds": %d, "weights": %s, %s "deadline": "PT10M"}\
        """
                .formatted(rounds, weights, options);
    }

    private JobId submit(String publishAs, String phases, String evaluation, String alias) {
        return federation.submit(
                """
                {"name": "test", "seed": 42,
                 "model": {"base": "opt-tiny@1", "publishAs": "%s"}, "data": "letters",
                 "task": {"kind": "CAUSAL_LANGUAGE_MODELLING", "maxLength": 32},
                 "phases": [%s], "evaluation": %s, "alias": %s}\
                """
                        .formatted(
                                publishAs,
                                phases,
                                evaluation,
                                alias == null ? "null" : '"' + alias + '"'));
    }

    /** Until the job has ended, or nothing moves any more. */
    private void carryThrough(JobId job, List<Assignment> done, SimulatedAgent... agents)
            throws Exception {
        for (int turn : IntStream.range(0, 60).toArray()) {
            if (federation.view(job).state().isFinal()) {
                return;
            }
            turn(job, done, agents);
        }
        federation.settle(job);
    }

    private void turn(JobId job, List<Assignment> done, SimulatedAgent... agents) throws Exception {
        federation.settle(job);
        for (SimulatedAgent agent : agents) {
            boolean idle = agent.work() == null;
            agent.act();
            if (idle && agent.work() != null) {
                done.add(agent.work());
            }
        }
    }

    private List<Integer> layersOf(JobId job, SimulatedAgent agent) {
        Object layers = events(job, "round-started").getFirst().data().get("layers");
        return ((java.util.Map<?, ?>) layers).get(agent.name().value()) instanceof List<?> own
                ? own.stream().map(Integer.class::cast).toList()
                : List.of();
    }

    private static List<Assignment.Prune> prunings(List<Assignment> done) {
        return done.stream()
                .filter(Assignment.Prune.class::isInstance)
                .map(Assignment.Prune.class::cast)
                .toList();
    }

    private static List<Assignment.Evaluate> evaluations(List<Assignment> done) {
        return done.stream()
                .filter(Assignment.Evaluate.class::isInstance)
                .map(Assignment.Evaluate.class::cast)
                .toList();
    }

    private List<JobEvent> events(JobId job, String type) {
        return federation.events(job).stream().filter(event -> event.type().equals(type)).toList();
    }

    private String message(JobId job, String type) {
        return events(job, type).getFirst().message();
    }
}
