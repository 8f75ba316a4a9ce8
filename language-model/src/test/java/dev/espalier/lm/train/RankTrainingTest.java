package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterKey;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.RandomStream;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.head.HeadChoice;
import dev.espalier.lm.head.RandomHeads;
import dev.espalier.lm.sensitivity.ComponentScore;
import dev.espalier.lm.sensitivity.ElementScore;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.lm.sensitivity.WeightsOfStep;
import dev.espalier.tensors.masked.IndexSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training some rank-1 components: the others frozen, or not there at all. */
class RankTrainingTest {

    private static final int RANK = 3;

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<Arguments> familiesAndOptimisers() {
        List<TrainingSettings> optimisers =
                List.of(
                        optimiser(1e-2, LearningRateSchedule.CONSTANT, 0.1, 0.5, 1, false),
                        optimiser(1e-1, LearningRateSchedule.COSINE, 0.5, 1e9, 1, false),
                        optimiser(1e-3, LearningRateSchedule.LINEAR, 0, 1e-3, 2, true));
        return families()
                .flatMap(family ->
                        optimisers.stream()
                                .map(one ->
                                        Arguments.of(
                                                family,
                                                Named.of(
                                                        "decay "
                                                                + one.weightDecay()
                                                                + ", clip "
                                                                + one.clipNorm(),
                                                        one))));
    }

    private static TrainingSettings optimiser(
            double rate,
            LearningRateSchedule schedule,
            double decay,
            double clip,
            int accumulation,
            boolean modelDropout) {
        return new TrainingSettings(
                3, 2, accumulation, rate, schedule, decay, 0, clip, 4, modelDropout, 9);
    }

    @ParameterizedTest
    @MethodSource("familiesAndOptimisers")
    void frozenComponentsDoNotMoveByABit(String family, TrainingSettings optimiser)
            throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start = start(model, settings);
            AdapterPart part = someOfEveryModule(model.base(), settings);

            AdapterWeights end = trained(model, settings, optimiser, part, start);

            assertThat(part.put(end, part.taken(start))).isEqualTo(start);
            assertThat(part.taken(end)).isNotEqualTo(part.taken(start));
        }
    }

    @ParameterizedTest
    @MethodSource("familiesAndOptimisers")
    void trainingAllComponentsByNameIsPlainTraining(String family, TrainingSettings optimiser)
            throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start = start(model, settings);
            AdapterPart all = components(model.base(), settings, RANK);
            AdapterWeights plain = trained(model, settings, optimiser, AdapterPart.whole(), start);

            assertThat(trained(model, settings, optimiser, all, start)).isEqualTo(plain);
            assertThat(
                            trained(
                                    model,
                                    settings.truncated(RANK),
                                    optimiser,
                                    AdapterPart.whole(),
                                    all.taken(start)))
                    .isEqualTo(plain);
        }
    }

    /** Components whose column of B is zero are as good as not there. */
    @ParameterizedTest
    @MethodSource("families")
    void aTruncatedAdapterHasTheGradientsOfTheWholeOneWithoutTheOthers(String family)
            throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterPart part = someOfEveryModule(model.base(), settings);
            AdapterWeights start = start(model, settings);
            AdapterWeights alone = part.put(columnsOfZero(start), part.taken(start));
            try (LiveAdapter whole = model.base().adapt(settings, alone);
                    LiveAdapter left =
                            model.base().adapt(settings.truncated(2), part.taken(start))) {
                assertThat(model.loss(left)).isCloseTo(model.loss(whole), within(1e-9));
                assertClose(model.gradients(left), part.taken(model.gradients(whole)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aTruncatedAdapterIsTrainedAndPutBack(String family) throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start = start(model, settings);
            AdapterPart part = someOfEveryModule(model.base(), settings);

            AdapterWeights end =
                    trained(
                            model,
                            settings.truncated(2),
                            optimiser(1e-2, LearningRateSchedule.CONSTANT, 0.1, 1, 1, false),
                            AdapterPart.whole(),
                            part.taken(start));

            AdapterWeights merged = part.put(start, end);
            assertThat(part.taken(merged)).isEqualTo(end);
            assertThat(end).isNotEqualTo(part.taken(start));
            assertThat(part.put(merged, part.taken(start))).isEqualTo(start);
        }
    }

    /** Heads taken out and components left out at once: cells. */
    @ParameterizedTest
    @MethodSource("families")
    void headsAndComponentsMayGoTogether(String family) throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start = start(model, settings);
            HeadMask mask = half(model.base());
            try (GoldenModel smaller = model.keeping(mask)) {
                AdapterPart cells =
                        smaller.base()
                                .layout(settings)
                                .part()
                                .and(someOfEveryModule(model.base(), settings));
                AdapterWeights end =
                        trained(
                                smaller,
                                settings.truncated(2),
                                optimiser(1e-2, LearningRateSchedule.CONSTANT, 0.1, 1, 1, false),
                                AdapterPart.whole(),
                                cells.taken(start));

                AdapterWeights merged = cells.put(start, end);
                assertThat(cells.put(merged, cells.taken(start))).isEqualTo(start);
                assertThat(end).isNotEqualTo(cells.taken(start));
                assertThat(end.parameters()).isLessThan(start.parameters());
            }
        }
    }

    /** What is frozen has no gradient; a component is judged by what of it is trained. */
    @Test
    void theImportanceOfAComponentIsThatOfItsTrainedEntries() throws IOException {
        try (GoldenModel model = load("bert")) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start = start(model, settings);
            HeadMask mask = half(model.base());
            AdapterPart some = someOfEveryModule(model.base(), settings);
            try (GoldenModel smaller = model.keeping(mask)) {
                AdapterPart heads = smaller.base().layout(settings).part();
                AdapterPart cells = heads.and(some);
                String module = model.base().structure().attention().getLast().value();
                Sensitivity cut = watched(model, settings, cells, start);

                double[] a = cut.scores(AdapterKey.a(module), ElementScore.SMOOTHED);
                double[] b = cut.scores(AdapterKey.b(module), ElementScore.SMOOTHED);
                int[] kept = cells.of(AdapterKey.a(module)).rows().toArray();
                int[] rows = cells.of(AdapterKey.b(module)).rows().toArray();
                double[] expected = new double[kept.length];
                for (int i = 0; i < kept.length; i++) {
                    int component = kept[i];
                    int in = a.length / RANK;
                    expected[i] =
                            IntStream.range(0, in)
                                            .mapToDouble(j -> a[component * in + j])
                                            .average()
                                            .orElseThrow()
                                    + Arrays.stream(rows)
                                            .mapToDouble(o -> b[o * RANK + component])
                                            .average()
                                            .orElseThrow();
                }
                assertThat(
                                cut.components(
                                        module,
                                        ElementScore.SMOOTHED,
                                        ComponentScore.MEAN_PLUS_MEAN,
                                        cells))
                        .containsExactly(expected, within(1e-15))
                        .doesNotContain(0.0);
            }
        }
    }

    private static Sensitivity watched(
            GoldenModel model, AdapterSettings settings, AdapterPart part, AdapterWeights start) {
        Sensitivity seen = Sensitivity.start(start.shapes(), Smoothing.defaults());
        TrainingSettings training =
                optimiser(1e-2, LearningRateSchedule.CONSTANT, 0.1, 1, 1, false);
        try (TrainingRun run =
                new RunStarter(model.base(), settings, training, part).begin(start, model.task())) {
            run.observe(seen.observer(WeightsOfStep.BEFORE));
            run.run(ProgressListener.none(), () -> false);
        }
        return seen;
    }

    private static GoldenModel load(String family) throws IOException {
        Path folder = Goldens.bundled(family);
        return GoldenModel.load(folder, folder.resolve("inputs.safetensors"), Precision.DOUBLE);
    }

    private static AdapterWeights start(GoldenModel model, AdapterSettings settings) {
        return TestAdapters.scattered(model.base().freshAdapter(settings, 1), 1);
    }

    private static AdapterWeights trained(
            GoldenModel model,
            AdapterSettings settings,
            TrainingSettings training,
            AdapterPart part,
            AdapterWeights start) {
        try (TrainingRun run =
                new RunStarter(model.base(), settings, training, part).begin(start, model.task())) {
            run.run(ProgressListener.none(), () -> false);
            return run.weights();
        }
    }

    /** Two of three, others in every module. */
    private static AdapterPart someOfEveryModule(BaseModel base, AdapterSettings settings) {
        Map<String, IndexSet> components = new HashMap<>();
        for (LinearLayer linear : settings.targets().of(base.structure())) {
            int left = RandomStream.of(1, linear.module()).nextInt(RANK);
            components.put(
                    linear.module(),
                    IndexSet.of(IntStream.range(0, RANK).filter(i -> i != left).toArray()));
        }
        return AdapterPart.ofComponents(components);
    }

    /** The first so many of every module. */
    private static AdapterPart components(BaseModel base, AdapterSettings settings, int count) {
        Map<String, IndexSet> components = new HashMap<>();
        for (LinearLayer linear : settings.targets().of(base.structure())) {
            components.put(linear.module(), IndexSet.of(IntStream.range(0, count).toArray()));
        }
        return AdapterPart.ofComponents(components);
    }

    private static HeadMask half(BaseModel base) {
        boolean[][] kept =
                HeadChoice.global(0.5).choose(RandomHeads.of(base.structure(), 4)).toArray();
        kept[kept.length - 1][0] = true;
        return HeadMask.of(kept);
    }

    private static AdapterWeights columnsOfZero(AdapterWeights weights) {
        AdapterWeights.Builder without = AdapterWeights.builder();
        for (String name : weights.names()) {
            float[] values = weights.values(name);
            if (name.endsWith(".lora_B.weight")) {
                Arrays.fill(values, 0);
            }
            without.put(name, weights.shape(name), values);
        }
        return without.build();
    }

    private static void assertClose(AdapterWeights actual, AdapterWeights expected) {
        assertThat(actual.shapes()).isEqualTo(expected.shapes());
        for (String name : expected.names()) {
            assertThat(actual.values(name))
                    .as(name)
                    .containsExactly(expected.values(name), within(1e-6f));
        }
    }
}
