package dev.espalier.lm.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.RandomStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchTest {

    private static final int[] PROMPT = {0};

    /** A made-up model of four tokens: any sequence has its own probabilities. */
    private static NextTokens chance(long seed) {
        return sequences ->
                sequences.stream()
                        .map(ids -> distribution(RandomStream.of(seed, wide(ids)), 4))
                        .toArray(float[][]::new);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void enoughBeamsFindTheLikeliestSequence(long seed) {
        NextTokens model = chance(seed);
        GenerationSettings settings = GenerationSettings.beams(64, 3, List.of());

        Hypothesis found = new BeamSearch(model, settings).continued(PROMPT);

        assertThat(found.score * 4).isCloseTo(likeliest(model, PROMPT, 3), within(1e-5));
    }

    private static double likeliest(NextTokens model, int[] ids, int more) {
        if (more == 0) {
            return 0;
        }
        float[] next = model.after(List.of(ids))[0];
        double best = Double.NEGATIVE_INFINITY;
        for (int token = 0; token < next.length; token++) {
            int[] longer = Arrays.copyOf(ids, ids.length + 1);
            longer[ids.length] = token;
            best = Math.max(best, next[token] + likeliest(model, longer, more - 1));
        }
        return best;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aCompleteSequenceEndsWithItsEndTokenAndHasNoOther(long seed) {
        GenerationSettings beams = GenerationSettings.beams(3, 6, List.of(2));
        GenerationSettings greedy = GenerationSettings.greedy(6, List.of(2));

        for (int[] ids :
                List.of(
                        new BeamSearch(chance(seed), beams).continued(PROMPT).ids,
                        new GreedySearch(chance(seed), greedy).continued(PROMPT).ids)) {
            int[] before = Arrays.copyOf(ids, ids.length - 1);
            assertThat(before).doesNotContain(2);
            if (ids.length < 7) {
                assertThat(ids).endsWith(2);
            }
        }
    }

    @Test
    void whereEveryTokenEndsTheTextThereIsOneToken() {
        GenerationSettings settings = GenerationSettings.beams(2, 6, List.of(0, 1, 2, 3));

        assertThat(new BeamSearch(chance(1), settings).continued(PROMPT).ids).hasSize(2);
    }

    @Test
    void oneSureTokenAfterAnotherIsCertain() {
        NextTokens counting =
                sequences ->
                        sequences.stream()
                                .map(ids -> sure((ids[ids.length - 1] + 1) % 4))
                                .toArray(float[][]::new);

        Hypothesis found =
                new GreedySearch(counting, GenerationSettings.greedy(5, List.of()))
                        .continued(PROMPT);

        assertThat(found.ids).containsExactly(0, 1, 2, 3, 0, 1);
        assertThat(found.score).isZero();
    }

    @Test
    void settingsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> GenerationSettings.greedy(0, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GenerationSettings.beams(0, 5, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GenerationSettings(1, List.of(), 1, Double.NaN, true))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void promptsThatDoNotFitTheModelAreRefused() throws IOException {
        GenerationSettings settings = GenerationSettings.greedy(10, List.of());
        try (BaseModel base = BaseModel.load(Goldens.bundled("opt"));
                BaseModel classifier = BaseModel.load(Goldens.bundled("bert"));
                TextGenerator generator = TextGenerator.of(base)) {
            assertThatThrownBy(() -> generator.continued(new int[0], settings))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> generator.continued(new int[] {128}, settings))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> generator.continued(new int[31], settings))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("takes 40");
            assertThatThrownBy(() -> TextGenerator.of(classifier))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bert");
        }
    }

    @Test
    void aFreshAdapterChangesNothing() throws IOException {
        GenerationSettings settings = GenerationSettings.beams(3, 8, List.of());
        AdapterSettings adapter =
                new AdapterSettings(2, 4, 0.1, TargetModules.names("c_attn"), TaskHead.frozen());
        try (BaseModel base = BaseModel.load(Goldens.bundled("gpt2"));
                TextGenerator bare = TextGenerator.of(base);
                TextGenerator adapted =
                        TextGenerator.of(base, adapter, base.freshAdapter(adapter, 1))) {
            int[] prompt = {7, 8, 9};

            assertThat(adapted.continued(prompt, settings))
                    .isEqualTo(bare.continued(prompt, settings));
        }
    }

    private static float[] distribution(RandomStream stream, int size) {
        double[] weights = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            weights[i] = 0.05 + stream.nextUnit();
            sum += weights[i];
        }
        float[] logs = new float[size];
        for (int i = 0; i < size; i++) {
            logs[i] = (float) Math.log(weights[i] / sum);
        }
        return logs;
    }

    private static float[] sure(int token) {
        float[] logs = new float[4];
        Arrays.fill(logs, -100);
        logs[token] = 0;
        return logs;
    }

    private static long[] wide(int[] ids) {
        return Arrays.stream(ids).asLongStream().toArray();
    }
}
