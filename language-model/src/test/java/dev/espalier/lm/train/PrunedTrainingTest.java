package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterKey;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.head.HeadChoice;
import dev.espalier.lm.head.RandomHeads;
import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.masked.IndexSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training a part of an adapter: of heads that are left, and of chosen components. */
class PrunedTrainingTest {

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<Arguments> familiesAndSeeds() {
        return families()
                .flatMap(family ->
                        Stream.of(1L, 2L, 3L)
                                .map(seed -> Arguments.of(family, Named.of("seed " + seed, seed))));
    }

    /**
     * The smaller model has the gradients that the whole one has with masked heads; and there
     * nothing outside the part has any.
     */
    @ParameterizedTest
    @MethodSource("familiesAndSeeds")
    void gradientsOfTheSmallerModelAreThoseOfTheMaskedOne(String family, long seed)
            throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights weights =
                    TestAdapters.scattered(model.base().freshAdapter(settings, seed), seed);
            HeadMask mask = halfAndOneBlockLess(model.base(), seed);
            try (GoldenModel smaller = model.keeping(mask);
                    LiveAdapter masked = model.base().adapt(settings, weights)) {
                AdapterPart part = smaller.base().layout(settings).part();
                masked.gateHeads(mask);
                AdapterWeights whole = model.gradients(masked);
                try (LiveAdapter left = smaller.base().adapt(settings, part.taken(weights))) {
                    assertClose(smaller.gradients(left), part.taken(whole));
                }
                AdapterWeights none = part.put(whole, zeros(part.taken(whole)));
                assertThat(none).isEqualTo(zeros(whole));
            }
        }
    }

    /** Mode FREEZE: the heads stay, what belongs to them does not move by a bit. */
    @ParameterizedTest
    @MethodSource("familiesAndSeeds")
    void frozenEntriesKeepTheirBitsAndAllOthersMove(String family, long seed) throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start =
                    TestAdapters.scattered(model.base().freshAdapter(settings, seed), seed);
            HeadMask mask = halfAndOneBlockLess(model.base(), seed);
            AdapterPart part =
                    AdapterPart.ofHeads(ModelHeads.kept(model.base().structure(), mask), settings);

            AdapterWeights end = trained(model, settings, part, start);

            assertThat(part.put(end, part.taken(start))).isEqualTo(start);
            assertEveryEntryMoved(part.taken(start), part.taken(end));
        }
    }

    /** Cells: rows of heads crossed with columns of components. */
    @Test
    void frozenComponentsKeepTheirBitsToo() throws IOException {
        try (GoldenModel model = load("bert")) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start =
                    TestAdapters.scattered(model.base().freshAdapter(settings, 1), 1);
            HeadMask mask = halfAndOneBlockLess(model.base(), 1);
            AdapterPart part =
                    AdapterPart.ofHeads(ModelHeads.kept(model.base().structure(), mask), settings)
                            .and(components(settings, model.base(), IndexSet.of(0, 2)));

            AdapterWeights end = trained(model, settings, part, start);

            assertThat(part.put(end, part.taken(start))).isEqualTo(start);
            assertEveryEntryMoved(part.taken(start), part.taken(end));
            String query = model.base().structure().attention().getLast().query();
            int headSize = model.base().structure().headSize();
            assertThat(part.of(AdapterKey.a(query)).rows()).isEqualTo(IndexSet.of(0, 2));
            assertThat(part.taken(start).shape(AdapterKey.b(query)).toArray())
                    .containsExactly((long) mask.kept(mask.blocks() - 1) * headSize, 2);
        }
    }

    /** The norm that is reported and clipped by is that of what is trained. */
    @Test
    void frozenEntriesDoNotCountForTheNorm() throws IOException {
        try (GoldenModel model = load("opt")) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start =
                    TestAdapters.scattered(model.base().freshAdapter(settings, 1), 1);
            AdapterPart part = components(settings, model.base(), IndexSet.of(1));
            double squares = 0;
            try (LiveAdapter live = model.base().adapt(settings, start)) {
                AdapterWeights gradients = part.taken(model.gradients(live));
                for (String name : gradients.names()) {
                    for (float g : gradients.values(name)) {
                        squares += (double) g * g;
                    }
                }
            }

            try (TrainingRun run = begin(model, settings, part, start)) {
                assertThat(run.step().gradientNorm()).isCloseTo(Math.sqrt(squares), within(1e-5));
            }
        }
    }

    /** REMOVE and FREEZE see the same loss only before the heads go; both leave the rest alone. */
    @ParameterizedTest
    @MethodSource("families")
    void aSmallerAdapterIsTrainedAndPutBack(String family) throws IOException {
        try (GoldenModel model = load(family)) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start =
                    TestAdapters.scattered(model.base().freshAdapter(settings, 5), 5);
            HeadMask mask = halfAndOneBlockLess(model.base(), 5);
            try (GoldenModel smaller = model.keeping(mask)) {
                AdapterPart part = smaller.base().layout(settings).part();

                AdapterWeights end =
                        trained(smaller, settings, AdapterPart.whole(), part.taken(start));

                assertThat(end.parameters()).isLessThan(start.parameters());
                AdapterWeights merged = part.put(start, end);
                assertThat(part.taken(merged)).isEqualTo(end);
                assertThat(part.put(merged, part.taken(start))).isEqualTo(start);
                assertEveryEntryMoved(part.taken(start), end);
            }
        }
    }

    @Test
    void aCheckpointOfAnotherPartOrOfOtherHeadsIsRefused() throws IOException {
        try (GoldenModel model = load("bert")) {
            BaseModel base = model.base();
            AdapterSettings settings = TestAdapters.everywhere(base);
            AdapterWeights start = base.freshAdapter(settings, 1);
            AdapterPart first = components(settings, base, IndexSet.of(0));
            AdapterPart second = components(settings, base, IndexSet.of(1));
            TrainingCheckpoint checkpoint = checkpoint(model, settings, first, start);

            assertThat(resumed(model, settings, first, checkpoint))
                    .isEqualTo(trained(model, settings, first, start));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> resumed(model, settings, second, checkpoint));
            try (GoldenModel one = model.keeping(onlyHead(base, 0));
                    GoldenModel other = model.keeping(onlyHead(base, 1))) {
                AdapterPart part = one.base().layout(settings).part();
                TrainingCheckpoint ofOne =
                        checkpoint(one, settings, AdapterPart.whole(), part.taken(start));

                assertThatIllegalArgumentException()
                        .isThrownBy(() -> resumed(other, settings, AdapterPart.whole(), ofOne));
            }
        }
    }

    @Test
    void trainingNothingIsRefused() throws IOException {
        try (GoldenModel model = load("opt")) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start = model.base().freshAdapter(settings, 1);
            AdapterPart nothing = components(settings, model.base(), IndexSet.of());

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begin(model, settings, nothing, start))
                    .withMessageContaining("nothing");
        }
    }

    /** Not even what an optimiser would do to a gradient of zero. */
    @Test
    void onlyNamedTensorsMayBeTrained() throws IOException {
        try (GoldenModel model = load("bert")) {
            AdapterSettings settings = TestAdapters.everywhere(model.base());
            AdapterWeights start =
                    TestAdapters.scattered(model.base().freshAdapter(settings, 1), 1);
            Map<String, TensorPart> parts = new HashMap<>();
            start.names().forEach(name -> parts.put(name, TensorPart.NOTHING));
            String query = model.base().structure().attention().getLast().query();
            parts.put(AdapterKey.b(query), TensorPart.rows(IndexSet.of(3)));
            AdapterPart part = AdapterPart.of(parts);

            AdapterWeights end = trained(model, settings, part, start);

            assertThat(part.put(end, part.taken(start))).isEqualTo(start);
            assertEveryEntryMoved(part.taken(start), part.taken(end));
            assertThat(part.taken(end).names()).containsExactly(AdapterKey.b(query));
        }
    }

    private static GoldenModel load(String family) throws IOException {
        Path folder = Goldens.bundled(family);
        return GoldenModel.load(folder, folder.resolve("inputs.safetensors"), Precision.DOUBLE);
    }

    private static TrainingRun begin(
            GoldenModel model, AdapterSettings settings, AdapterPart part, AdapterWeights start) {
        return new RunStarter(model.base(), settings, training(), part).begin(start, model.task());
    }

    private static AdapterWeights trained(
            GoldenModel model, AdapterSettings settings, AdapterPart part, AdapterWeights start) {
        try (TrainingRun run = begin(model, settings, part, start)) {
            run.run(ProgressListener.none(), () -> false);
            return run.weights();
        }
    }

    private static TrainingCheckpoint checkpoint(
            GoldenModel model, AdapterSettings settings, AdapterPart part, AdapterWeights start) {
        try (TrainingRun run = begin(model, settings, part, start)) {
            run.step();
            return run.checkpoint();
        }
    }

    private static AdapterWeights resumed(
            GoldenModel model,
            AdapterSettings settings,
            AdapterPart part,
            TrainingCheckpoint checkpoint) {
        RunStarter starter = new RunStarter(model.base(), settings, training(), part);
        try (TrainingRun run = starter.resume(checkpoint, model.task())) {
            run.run(ProgressListener.none(), () -> false);
            return run.weights();
        }
    }

    /** Decay and clipping on. */
    private static TrainingSettings training() {
        return new TrainingSettings(
                3, 8, 1, 1e-2, LearningRateSchedule.CONSTANT, 0.1, 0, 0.5, 3, false, 1);
    }

    private static AdapterPart components(
            AdapterSettings settings, BaseModel base, IndexSet chosen) {
        Map<String, IndexSet> components = new HashMap<>();
        for (LinearLayer linear : settings.targets().of(base.structure())) {
            components.put(linear.module(), chosen);
        }
        return AdapterPart.ofComponents(components);
    }

    private static HeadMask halfAndOneBlockLess(BaseModel base, long seed) {
        boolean[][] kept =
                HeadChoice.global(0.5).choose(RandomHeads.of(base.structure(), seed)).toArray();
        Arrays.fill(kept[0], false);
        kept[kept.length - 1][0] = true;
        return HeadMask.of(kept);
    }

    private static HeadMask onlyHead(BaseModel base, int head) {
        boolean[][] kept = HeadMask.all(base.structure()).toArray();
        for (boolean[] block : kept) {
            Arrays.fill(block, false);
            block[head] = true;
        }
        return HeadMask.of(kept);
    }

    private static AdapterWeights zeros(AdapterWeights weights) {
        AdapterWeights.Builder zeros = AdapterWeights.builder();
        for (String name : weights.names()) {
            int length = weights.values(name).length;
            zeros.put(name, weights.shape(name), new float[length]);
        }
        return zeros.build();
    }

    private static void assertClose(AdapterWeights actual, AdapterWeights expected) {
        assertThat(actual.shapes()).isEqualTo(expected.shapes());
        for (String name : expected.names()) {
            assertThat(actual.values(name))
                    .as(name)
                    .containsExactly(expected.values(name), within(1e-6f));
        }
    }

    private static void assertEveryEntryMoved(AdapterWeights before, AdapterWeights after) {
        assertThat(after.shapes()).isEqualTo(before.shapes());
        for (String name : before.names()) {
            List<Integer> same = new ArrayList<>();
            for (int i = 0; i < before.values(name).length; i++) {
                if (before.values(name)[i] == after.values(name)[i]) {
                    same.add(i);
                }
            }
            assertThat(same).as(name).isEmpty();
        }
    }
}
