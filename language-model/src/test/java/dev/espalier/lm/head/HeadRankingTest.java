package dev.espalier.lm.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadRankingTest {

    static Stream<String> families() {
        return Goldens.families();
    }

    /** By the definition, entry by entry, of every family. */
    @ParameterizedTest
    @MethodSource("families")
    void magnitudeIsTheNormOfAHeadsWeights(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            HeadScores scores = HeadMagnitude.of(base);

            for (int b = 0; b < scores.blocks(); b++) {
                AttentionBlock block = base.structure().attention().get(b);
                for (int h = 0; h < block.heads(); h++) {
                    assertThat(scores.score(b, h))
                            .isCloseTo(Math.sqrt(squares(base, block, h)), within(1e-9));
                }
            }
        }
    }

    private static double squares(BaseModel base, AttentionBlock block, int head) {
        int size = block.headSize();
        int shared = head * block.keyValueHeads() / block.heads();
        boolean fused = block.query().equals(block.key());
        int third = fused ? base.structure().hidden() : 0;
        return rows(base, block.query(), head * size, size)
                + rows(base, block.key(), third + shared * size, size)
                + rows(base, block.value(), 2 * third + shared * size, size)
                + columns(base, block.output(), head * size, size);
    }

    private static double rows(BaseModel base, String module, int from, int count) {
        LinearLayer linear = base.structure().linear(module);
        float[] w = base.weights().floats(linear.weight());
        double squares = 0;
        for (int out = from; out < from + count; out++) {
            for (int in = 0; in < linear.in(); in++) {
                float v = w[linear.inputFirst() ? in * linear.out() + out : out * linear.in() + in];
                squares += (double) v * v;
            }
        }
        return squares;
    }

    private static double columns(BaseModel base, String module, int from, int count) {
        LinearLayer linear = base.structure().linear(module);
        float[] w = base.weights().floats(linear.weight());
        double squares = 0;
        for (int out = 0; out < linear.out(); out++) {
            for (int in = from; in < from + count; in++) {
                float v = w[linear.inputFirst() ? in * linear.out() + out : out * linear.in() + in];
                squares += (double) v * v;
            }
        }
        return squares;
    }

    @Test
    void anAdapterThatChangesNothingChangesNoMagnitude() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("llama"))) {
            AdapterSettings settings =
                    new AdapterSettings(
                            2, 4, 0, TargetModules.names("q_proj", "o_proj"), TaskHead.frozen());
            AdapterWeights fresh = base.freshAdapter(settings, 1);

            assertThat(HeadMagnitude.of(base, settings, fresh)).isEqualTo(HeadMagnitude.of(base));
        }
    }

    @Test
    void aModelThatLostHeadsIsNotRankedByMagnitude() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("bert"));
                BaseModel left =
                        base.keeping(
                                HeadChoice.global(0.5)
                                        .choose(RandomHeads.of(base.structure(), 1)))) {
            assertThatIllegalArgumentException().isThrownBy(() -> HeadMagnitude.of(left));
        }
    }

    @Test
    void chanceIsTheSameForTheSameSeed() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("t5"))) {
            HeadScores one = RandomHeads.of(base.structure(), 1);

            assertThat(RandomHeads.of(base.structure(), 1)).isEqualTo(one);
            assertThat(RandomHeads.of(base.structure(), 2)).isNotEqualTo(one);
            assertThat(one.heads()).isEqualTo(HeadMask.all(base.structure()).heads());
        }
    }

    @Test
    void confidenceRefusesTextsThatDoNotFit() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("bert"))) {
            HeadConfidence confidence =
                    new HeadConfidence(base, ConfidenceSettings.defaults(), Set.of(), 2);
            TokenSequence unknown =
                    new TokenSequence(new int[] {base.structure().vocabulary()}, new int[1]);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> confidence.measure(List.of(unknown)));
            assertThatIllegalArgumentException().isThrownBy(() -> confidence.measure(List.of()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            confidence.measurePairs(
                                    Goldens.textToTextExamples(
                                            Goldens.bundled("t5").resolve("inputs.safetensors"))));
        }
    }

    /** An end token that nobody may ask moves the confidence, and so does one that may not ask. */
    @ParameterizedTest
    @ValueSource(strings = {"bert", "opt"})
    void endTokensCountOrNot(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            List<TokenSequence> texts =
                    Goldens.sequences(Goldens.bundled(family).resolve("inputs.safetensors"));
            Set<Integer> ends = Set.of(texts.getFirst().id(1));

            HeadScores all = measure(base, ends, texts, false, false);
            assertThat(measure(base, ends, texts, true, false)).isNotEqualTo(all);
            assertThat(measure(base, ends, texts, false, true)).isNotEqualTo(all);
            assertThat(measure(base, Set.of(), texts, true, true)).isEqualTo(all);
        }
    }

    private static HeadScores measure(
            BaseModel base,
            Set<Integer> ends,
            List<TokenSequence> texts,
            boolean asking,
            boolean asked) {
        ConfidenceSettings settings =
                new ConfidenceSettings(asking, asked, true, ConfidenceSettings.Average.TOKENS);
        return new HeadConfidence(base, settings, ends, 2).measure(texts);
    }

    @Test
    void aScoreMustBeANumber() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeadScores.of(new double[] {1, Double.NaN}));
    }
}
