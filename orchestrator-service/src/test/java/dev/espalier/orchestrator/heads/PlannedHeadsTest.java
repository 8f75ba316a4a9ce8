package dev.espalier.orchestrator.heads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.orchestrator.neighbour.Models;
import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.HeadPruningSpec.Ranking;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How many heads a round keeps, and who has to keep which. */
class PlannedHeadsTest {

    private static final ModelStructure TWO_BLOCKS = Models.structure(2, 4);
    private static final String FIRST = TWO_BLOCKS.attentionBlocks().get(0).name();
    private static final String SECOND = TWO_BLOCKS.attentionBlocks().get(1).name();
    private static final List<AgentName> COHORT = agents(3);

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @Test
    void asManyHeadsAreKeptAsInTheVectors() throws IOException {
        for (JsonNode vector : vectors()) {
            JsonNode input = vector.get("input");
            if (input.has("mode")) {
                JsonNode confidence = input.get("confidence");
                int kept =
                        HeadBudget.of(
                                Models.structure(confidence.size(), confidence.get(0).size()),
                                Ranking.valueOf(input.get("mode").asString()),
                                new BigDecimal(input.get("sparsity").asString()));
                assertThat(kept)
                        .as(vector.get("name").asString())
                        .isEqualTo(vector.at("/expected/kept").asInt());
            }
        }
    }

    @Test
    void t5SmallKeepsAsManyHeadsAsInTheVectors() throws IOException {
        JsonNode vector =
                vectors().stream()
                        .filter(one -> one.get("name").asString().equals("t5_small_counts"))
                        .findFirst()
                        .orElseThrow();
        ModelStructure t5 =
                Models.structure(
                        vector.at("/input/blocks").asInt(), vector.at("/input/heads").asInt());
        JsonNode sparsities = vector.at("/input/sparsities");
        for (int i = 0; i < sparsities.size(); i++) {
            BigDecimal sparsity = new BigDecimal(sparsities.get(i).asString());
            assertThat(HeadBudget.of(t5, Ranking.GLOBAL, sparsity))
                    .isEqualTo(vector.at("/expected/keptGlobal").get(i).asInt());
            assertThat(HeadBudget.of(t5, Ranking.PER_BLOCK, sparsity))
                    .isEqualTo(vector.at("/expected/keptPerBlock").get(i).asInt());
            assertThat(HeadBudget.of(t5, Ranking.TOP_BLOCKS, sparsity))
                    .isEqualTo(vector.at("/expected/keptGlobal").get(i).asInt());
        }
    }

    @ParameterizedTest(name = "{0} heads at {1}: {2}")
    @CsvSource({"100, 0.55, 45", "10, 0.7, 3", "30, 0.1, 27", "3, 0.99, 1", "72, 0.9, 8"})
    void headsAreCountedInDecimal(int heads, BigDecimal sparsity, int kept) {
        assertThat(HeadBudget.kept(heads, sparsity)).isEqualTo(kept);
    }

    @Test
    void aSparsityThatWouldKeepAThreadBusyForEverIsRefused() {
        assertThatThrownBy(() -> HeadBudget.kept(12, new BigDecimal("1E-600000000")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a sparsity has at most 64 decimals, not 600000000");
    }

    @Test
    void aHeadThatSomebodyKeptStarvesNoLonger() {
        Starvation hungry = new Starvation(List.of(List.of(2, 0, 2, 2), List.of(5, 5, 0, 0)));

        Starvation next =
                hungry.after(
                        TWO_BLOCKS,
                        List.of(
                                new BlockHeads(
                                        FIRST, List.of(1, 0, 0, 3), List.of(0.1, 0.0, 0.0, 0.2))));

        assertThat(next.rounds()).containsExactly(List.of(0, 1, 3, 0), List.of(5, 5, 0, 0));
    }

    @Test
    void theLongestStarvedIsForcedFirstThenByBlockAndHead() {
        Starvation hungry = new Starvation(List.of(List.of(3, 2, 4, 3), List.of(3, 4, 0, 9)));

        PlannedHeads planned = plan(hungry, settings(3), COHORT, 42);

        assertThat(planned.forced())
                .extracting(head -> head.block() + " " + head.head())
                .containsExactly(SECOND + " 3", FIRST + " 2", SECOND + " 1");
        assertThat(planned.forced())
                .extracting(PlannedHeads.Forced::agent)
                .containsExactlyInAnyOrderElementsOf(COHORT);
    }

    @Test
    void beforeTheirTimeHeadsAreNotForced() {
        Starvation hungry = new Starvation(List.of(List.of(2, 2, 2, 2), List.of(2, 2, 2, 2)));

        assertThat(plan(hungry, settings(3), COHORT, 42).forced()).isEmpty();
        assertThat(plan(hungry, settings(0), COHORT, 42).forced()).isEmpty();
        assertThat(plan(hungry, settings(2), COHORT, 42).forced()).hasSize(3);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noClientHasToKeepMoreThanOneHeadAndTheSeedDecidesWho(long seed) {
        Starvation hungry = new Starvation(List.of(List.of(9, 9, 9, 9), List.of(9, 9, 9, 9)));

        PlannedHeads planned = plan(hungry, settings(3), COHORT, seed);

        assertThat(plan(hungry, settings(3), COHORT.reversed(), seed)).isEqualTo(planned);
        for (AgentName agent : COHORT) {
            HeadAllowance allowance = planned.allowance(agent);
            assertThat(allowance.atMost()).isEqualTo(2);
            assertThat(allowance.forced().values()).hasSize(1).allMatch(heads -> heads.size() == 1);
        }
        assertThat(planned.allowance(new AgentName("stranger")).forced()).isEmpty();
    }

    @Test
    void overManySeedsEachClientIsForcedAboutAsOften() {
        Starvation hungry = new Starvation(List.of(List.of(9, 0, 0, 0), List.of(0, 0, 0, 0)));

        Map<AgentName, Long> forced =
                LongStream.range(0, 3000)
                        .mapToObj(seed -> plan(hungry, settings(3), COHORT, seed))
                        .map(planned -> planned.forced().getFirst().agent())
                        .collect(Collectors.groupingBy(agent -> agent, Collectors.counting()));

        assertThat(forced.values()).hasSize(3).allMatch(times -> times > 900 && times < 1100);
    }

    private static PlannedHeads plan(
            Starvation starved, HeadPruningSpec settings, List<AgentName> cohort, long seed) {
        return PlannedHeads.plan(
                settings,
                TWO_BLOCKS,
                new BigDecimal("0.75"),
                starved,
                cohort,
                agent -> HashKeys.key(seed, HashKeys.id(agent.value())));
    }

    private static HeadPruningSpec settings(int forcedKeepAfter) {
        return new HeadPruningSpec(
                new BigDecimal("0.75"),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                forcedKeepAfter);
    }

    private static List<AgentName> agents(int count) {
        return IntStream.range(0, count).mapToObj(i -> new AgentName("agent-" + i)).toList();
    }

    private static List<JsonNode> vectors() throws IOException {
        try (InputStream in =
                PlannedHeadsTest.class.getResourceAsStream("/vectors/head_pruning.json")) {
            JsonNode cases = JsonMapper.shared().readTree(in).get("cases");
            return StreamSupport.stream(cases.spliterator(), false).toList();
        }
    }
}
