package dev.espalier.lm.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.family.HeadMask;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HeadChoiceTest {

    static Stream<Named<JsonNode>> vectors() {
        return cases().filter(test -> test.path("input").has("confidence"))
                .map(test -> Named.of(test.path("name").stringValue(), test));
    }

    private static Stream<JsonNode> cases() {
        JsonNode file =
                JsonMapper.shared()
                        .readTree(
                                HeadChoiceTest.class.getResourceAsStream(
                                        "/vectors/head_pruning.json"));
        return file.path("cases").valueStream();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void choosesTheHeadsOfTheVectors(JsonNode test) {
        JsonNode input = test.path("input");
        HeadChoice choice =
                new HeadChoice(
                        input.path("sparsity").doubleValue(),
                        HeadScope.valueOf(input.path("mode").stringValue()),
                        input.path("minHeadsPerBlock").intValue());

        HeadMask mask = choice.choose(HeadScores.of(rows(input.path("confidence"))));

        JsonNode expected = test.path("expected");
        assertThat(mask.toArray()).isDeepEqualTo(flags(expected.path("keep")));
        assertThat(mask.kept()).isEqualTo(expected.path("kept").intValue());
        assertThat(mask.heads()).isEqualTo(expected.path("total").intValue());
        assertThat(1 - (double) mask.kept() / mask.heads())
                .isCloseTo(expected.path("effectiveSparsity").doubleValue(), within(1e-9));
    }

    @Test
    void keepsOfT5SmallWhatTheVectorsSay() {
        JsonNode test =
                cases().filter(c -> c.path("input").has("sparsities")).findFirst().orElseThrow();
        JsonNode input = test.path("input");
        int blocks = input.path("blocks").intValue();
        int heads = input.path("heads").intValue();
        HeadScores scores = HeadScores.of(new double[blocks][heads]);

        for (int i = 0; i < input.path("sparsities").size(); i++) {
            double sparsity = input.path("sparsities").get(i).doubleValue();
            assertThat(HeadChoice.global(sparsity).choose(scores).kept())
                    .isEqualTo(test.path("expected").path("keptGlobal").get(i).intValue());
            assertThat(new HeadChoice(sparsity, HeadScope.PER_BLOCK, 0).choose(scores).kept())
                    .isEqualTo(test.path("expected").path("keptPerBlock").get(i).intValue());
        }
    }

    /** In binary 0.55 · 100 is more than 55. */
    @Test
    void countsInDecimal() {
        assertThat(HeadChoice.global(0.55).kept(100)).isEqualTo(45);
        assertThat(HeadChoice.global(0.07).kept(100)).isEqualTo(93);
        assertThat(HeadChoice.global(0.29).kept(100)).isEqualTo(71);
    }

    @Test
    void topBlocksAreFilledFirstByScore() {
        HeadScores scores =
                HeadScores.of(
                        new double[] {9, 8, 7}, new double[] {6, 5, 4}, new double[] {1, 3, 2});

        assertThat(choose(scores, 5.0 / 9, HeadScope.TOP_BLOCKS, 0)).isEqualTo("000 100 111");
        assertThat(choose(scores, 7.0 / 9, HeadScope.TOP_BLOCKS, 0)).isEqualTo("000 000 011");
        assertThat(choose(scores, 5.0 / 9, HeadScope.TOP_BLOCKS, 1)).isEqualTo("100 100 011");
    }

    @Test
    void whatEveryBlockMustKeepMayBeMoreThanTheSparsityLeaves() {
        HeadScores scores = HeadScores.of(new double[18][8]);

        assertThat(new HeadChoice(0.9, HeadScope.GLOBAL, 1).choose(scores).kept()).isEqualTo(18);
        assertThat(new HeadChoice(0.9, HeadScope.PER_BLOCK, 3).choose(scores).kept()).isEqualTo(54);
    }

    /** Forced heads take the places of the worst that would have been kept. */
    @ParameterizedTest
    @CsvSource({
        "GLOBAL, 0, 0001 0000, 1001 0010",
        "GLOBAL, 0, 0101 0100, 0101 0100",
        "GLOBAL, 0, 1101 0100, 1101 0100",
        "GLOBAL, 1, 0001 0000, 1001 0010",
        "PER_BLOCK, 0, 0101 0000, 0101 0010",
        "TOP_BLOCKS, 0, 0100 0000, 0100 1010"
    })
    void headsThatHaveToBeKeptAreAndCount(
            HeadScope scope, int least, String forced, String expected) {
        HeadScores scores = HeadScores.of(new double[] {9, 2, 5, 4}, new double[] {3, 1, 7, 2});
        double sparsity = scope == HeadScope.PER_BLOCK ? 0.75 : 0.625;

        HeadMask mask = new HeadChoice(sparsity, scope, least).choose(scores, mask(forced));

        assertThat(mask).hasToString(expected);
    }

    @Test
    void aMaskOfAnotherModelIsRefused() {
        HeadScores scores = HeadScores.of(new double[4], new double[4]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeadChoice.global(0.5).choose(scores, mask("0000")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeadChoice.global(0.5).choose(scores, mask("0000 00000")));
    }

    private static HeadMask mask(String digits) {
        return HeadMask.of(
                Arrays.stream(digits.split(" "))
                        .map(block ->
                                flags(block.chars().mapToDouble(digit -> digit - '0').toArray()))
                        .toArray(boolean[][]::new));
    }

    @Test
    void oneHeadIsAlwaysKept() {
        HeadScores scores = HeadScores.of(new double[] {1, 2}, new double[] {4, 3});

        assertThat(choose(scores, 1, HeadScope.GLOBAL, 0)).isEqualTo("00 10");
        assertThat(choose(scores, 1, HeadScope.TOP_BLOCKS, 0)).isEqualTo("00 10");
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1, GLOBAL, 0",
        "1.1, GLOBAL, 0",
        "NaN, GLOBAL, 0",
        "1, PER_BLOCK, 0",
        "0, GLOBAL, -1"
    })
    void refusesWhatMakesNoSense(double sparsity, HeadScope scope, int least) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HeadChoice(sparsity, scope, least));
    }

    @Test
    void refusesToKeepMoreHeadsThanABlockHas() {
        HeadScores scores = HeadScores.of(new double[4], new double[2]);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HeadChoice(0.5, HeadScope.GLOBAL, 3).choose(scores))
                .withMessageContaining("block 1");
    }

    /** Of any scores: the right number, and no pruned head is better than a kept one. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void noPrunedHeadIsBetterThanAKeptOne(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] values = new double[1 + random.nextInt(5)][];
        for (int b = 0; b < values.length; b++) {
            values[b] = random.doubles(1 + random.nextInt(6)).map(Math::rint).toArray();
        }
        HeadScores scores = HeadScores.of(values);
        double sparsity = random.nextInt(101) / 100.0;

        HeadMask mask = HeadChoice.global(sparsity).choose(scores);

        assertThat(mask.kept()).isEqualTo(HeadChoice.global(sparsity).kept(scores.heads()));
        double worstKept = range(scores, mask, true).min().orElseThrow();
        double bestPruned = range(scores, mask, false).max().orElse(Double.NEGATIVE_INFINITY);
        assertThat(bestPruned).isLessThanOrEqualTo(worstKept);
    }

    private static DoubleStream range(HeadScores scores, HeadMask mask, boolean kept) {
        return IntStream.range(0, scores.blocks())
                .boxed()
                .flatMapToDouble(b ->
                        IntStream.range(0, scores.heads(b))
                                .filter(h -> mask.keeps(b, h) == kept)
                                .mapToDouble(h -> scores.score(b, h)));
    }

    private static String choose(HeadScores scores, double sparsity, HeadScope scope, int least) {
        return new HeadChoice(sparsity, scope, least).choose(scores).toString();
    }

    private static double[][] rows(JsonNode matrix) {
        return matrix.valueStream()
                .map(row -> row.valueStream().mapToDouble(JsonNode::doubleValue).toArray())
                .toArray(double[][]::new);
    }

    private static boolean[][] flags(JsonNode matrix) {
        return Arrays.stream(rows(matrix)).map(HeadChoiceTest::flags).toArray(boolean[][]::new);
    }

    private static boolean[] flags(double[] row) {
        boolean[] flags = new boolean[row.length];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = row[i] == 1;
        }
        return flags;
    }
}
