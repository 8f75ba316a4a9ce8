package dev.espalier.lm.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family, layer by layer in batches, against whole passes text by text through the model as
 * it is pruned so far, and the pruners as their papers write them.
 */
class LayerwisePruningOfFamiliesTest {

    private static final Sparsity SHARE = Sparsity.unstructured("0.55");

    static Stream<Arguments> cases() {
        Pruner.SparseGpt smallBlocks = new Pruner.SparseGpt(0.01, 24);
        return Goldens.families()
                .flatMap(family ->
                        Stream.of(
                                Arguments.of(family, new Pruner.Magnitude(), SHARE),
                                Arguments.of(family, new Pruner.Wanda(), SHARE),
                                Arguments.of(family, smallBlocks, SHARE),
                                Arguments.of(family, new Pruner.Wanda(), Sparsity.inGroups(1, 4)),
                                Arguments.of(family, smallBlocks, Sparsity.inGroups(3, 8))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyMatrixIsPrunedByWhatReachesItThroughThePrunedLayersBelow(
            String family, Pruner pruner, Sparsity sparsity) throws IOException {
        PruningSettings settings = PruningSettings.exact(pruner, sparsity);
        try (BaseModel base = BaseModel.load(Goldens.bundled(family))) {
            Calibration texts = texts(base, Goldens.bundled(family));
            SortedSet<Integer> layers = everySecondLayer(base);
            PrunedWeights pruned = prune(base, settings, texts, layers);

            List<LinearLayer> expected = new ArrayList<>();
            PrunedWeights below = new PrunedWeights();
            for (int layer : layers) {
                List<LinearLayer> linears = base.family().layerLinears(layer);
                expected.addAll(linears);
                try (BaseModel soFar = below.over(base)) {
                    for (LinearLayer linear : linears) {
                        compare(soFar, settings, texts, find(pruned, linear));
                    }
                }
                linears.forEach(linear -> below.accept(find(pruned, linear)));
            }
            assertThat(pruned.matrices())
                    .extracting(PrunedMatrix::linear)
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static void compare(
            BaseModel soFar, PruningSettings settings, Calibration texts, PrunedMatrix pruned) {
        LinearLayer linear = pruned.linear();
        float[] dense = soFar.weights().floats(linear.weight());
        double[][] x = new WholePasses(soFar).entering(linear.module(), linear.in(), texts);
        double[][] expected =
                new SlowPruning(x, sequences(texts), settings).prune(rows(linear, dense));
        float[] actual = pruned.appliedTo(dense);
        for (int o = 0; o < linear.out(); o++) {
            for (int i = 0; i < linear.in(); i++) {
                int place = linear.inputFirst() ? i * linear.out() + o : o * linear.in() + i;
                boolean dropped = Double.isNaN(expected[o][i]);
                assertThat(pruned.mask().keeps(place))
                        .as("%s [%d, %d]", linear.module(), o, i)
                        .isEqualTo(!dropped);
                assertThat((double) actual[place])
                        .isCloseTo(dropped ? 0 : expected[o][i], within(1e-4));
            }
        }
    }

    private static double[][] rows(LinearLayer linear, float[] stored) {
        double[][] rows = new double[linear.out()][linear.in()];
        for (int o = 0; o < linear.out(); o++) {
            for (int i = 0; i < linear.in(); i++) {
                rows[o][i] =
                        stored[linear.inputFirst() ? i * linear.out() + o : o * linear.in() + i];
            }
        }
        return rows;
    }

    private static PrunedMatrix find(PrunedWeights pruned, LinearLayer linear) {
        return pruned.matrices().stream()
                .filter(matrix -> matrix.linear().equals(linear))
                .findFirst()
                .orElseThrow();
    }

    private static PrunedWeights prune(
            BaseModel base,
            PruningSettings settings,
            Calibration texts,
            SortedSet<Integer> layers) {
        PrunedWeights pruned = new PrunedWeights();
        new LayerwisePruning(base, settings, 2)
                .prune(texts, layers, pruned, PruningProgress.Listener.none(), () -> false);
        return pruned;
    }

    /** The first and the third of an encoder and decoder, and the last. */
    private static SortedSet<Integer> everySecondLayer(BaseModel base) {
        SortedSet<Integer> layers = new TreeSet<>();
        int all = base.family().layerNames().size();
        for (int l = 0; l < all; l += 2) {
            layers.add(l);
        }
        layers.add(all - 1);
        return layers;
    }

    /** Texts of several lengths, two of each. */
    private static Calibration texts(BaseModel base, Path family) throws IOException {
        Path file = family.resolve("inputs.safetensors");
        if (!(base.family() instanceof TextToTextModel)) {
            return Calibration.texts(twice(Goldens.sequences(file)));
        }
        List<TextToTextExample> pairs = Goldens.textToTextExamples(file);
        List<TextToTextExample> more = new ArrayList<>(pairs);
        for (TextToTextExample pair : pairs) {
            more.add(TextToTextExample.of(backwards(pair.source()), pair.source()));
        }
        return Calibration.pairs(more);
    }

    private static List<TokenSequence> twice(List<TokenSequence> texts) {
        return Stream.concat(
                        texts.stream(),
                        texts.stream().map(LayerwisePruningOfFamiliesTest::backwards))
                .toList();
    }

    private static TokenSequence backwards(TokenSequence text) {
        int[] ids = new int[text.length()];
        for (int t = 0; t < ids.length; t++) {
            ids[t] = text.id(ids.length - 1 - t);
        }
        return new TokenSequence(ids, text.types());
    }

    private static int sequences(Calibration calibration) {
        return switch (calibration) {
            case Calibration.Texts(List<TokenSequence> texts) -> texts.size();
            case Calibration.Pairs(List<TextToTextExample> pairs) -> pairs.size();
        };
    }
}
