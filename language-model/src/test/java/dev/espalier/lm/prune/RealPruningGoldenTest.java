package dev.espalier.lm.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.train.LanguageModelEvaluator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Small real decoders, pruned in one shot, against the official SparseGPT and Wanda. */
class RealPruningGoldenTest {

    private static final Logger log = LoggerFactory.getLogger(RealPruningGoldenTest.class);

    /** A few scores lie nearer to each other than single precision can tell. */
    private static final int NEAR_TIES = 8;

    static Stream<String> ofWikitext() {
        return Stream.of("50", "70", "90", "2to4")
                .flatMap(form -> Stream.of("magnitude", "wanda", "sparsegpt").map(p -> p + form));
    }

    /** The first 200 windows of the test text. */
    @ParameterizedTest
    @MethodSource("ofWikitext")
    void theSparsePerplexityOfWikitextIsTheirs(String name) throws IOException {
        Path folder = Goldens.model("opt-wikitext2");
        JsonNode expected = json(folder.resolve("results.json")).path(name);
        try (BaseModel base = BaseModel.load(folder)) {
            PrunedWeights pruned = new PrunedWeights();
            PruningOutcome.Finished done = prune(base, name, calibration(folder), pruned);

            assertThat(done.sparsity())
                    .isCloseTo(expected.path("sparsity").doubleValue(), within(0.001));
            Path eval = folder.resolve("eval_ids.safetensors");
            List<LanguageExample> windows =
                    LanguageExample.windows(Goldens.ids(eval, "test_ids"), length(eval))
                            .subList(0, 200);
            assertPerplexity(name, base, pruned, windows, expected.path("ppl_first200"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wanda50", "sparsegpt50"})
    void theMasksOfWikitextAreTheirs(String name) throws IOException {
        Path folder = Goldens.model("opt-wikitext2");
        Path masks = folder.resolve("masks.safetensors");
        try (BaseModel base = BaseModel.load(folder)) {
            PrunedWeights pruned = new PrunedWeights();
            prune(base, name, calibration(folder), pruned);

            int differences = 0;
            for (PrunedMatrix matrix : pruned.matrices()) {
                byte[] gone = Goldens.bytes(masks, name + "." + matrix.tensor().name());
                for (int i = 0; i < gone.length; i++) {
                    differences += matrix.mask().keeps(i) == (gone[i] == 0) ? 0 : 1;
                }
            }
            log.info("{}: {} weights decided otherwise", name, differences);
            assertThat(differences).isLessThanOrEqualTo(NEAR_TIES);
        }
    }

    /** Shared keys and values; 48 windows of the model's own stories. */
    @ParameterizedTest
    @CsvSource({
        "magnitude50, magnitude_unstructured50",
        "wanda50, wanda_unstructured50",
        "sparsegpt50, sparsegpt_unstructured50",
        "magnitude2to4, magnitude_2to4",
        "wanda2to4, wanda_2to4",
        "sparsegpt2to4, sparsegpt_2to4"
    })
    void theSparsePerplexityOfTheStoriesIsTheirs(String name, String theirs) throws IOException {
        Path folder = Goldens.model("stories260K");
        Path file = folder.resolve("prune_calib.safetensors");
        JsonNode results = json(folder.resolve("prune_results.json"));
        int length = results.path("note").path("seqlen").intValue();
        try (BaseModel base = BaseModel.load(folder)) {
            PrunedWeights pruned = new PrunedWeights();
            Calibration texts = Calibration.windows(Goldens.ids(file, "calib_ids"), length);

            prune(base, name, texts, pruned);

            assertPerplexity(
                    name,
                    base,
                    pruned,
                    LanguageExample.windows(Goldens.ids(file, "eval_ids"), length),
                    results.path(theirs).path("ppl"));
        }
    }

    private static void assertPerplexity(
            String name,
            BaseModel base,
            PrunedWeights pruned,
            List<LanguageExample> windows,
            JsonNode expected) {
        try (BaseModel sparse = pruned.over(base)) {
            double perplexity =
                    new LanguageModelEvaluator(sparse, 8).evaluate(windows).perplexity();
            log.info("{}: perplexity {}, theirs {}", name, perplexity, expected.doubleValue());
            assertThat(perplexity).isCloseTo(expected.doubleValue(), Percentage.withPercentage(1));
        }
    }

    private static PruningOutcome.Finished prune(
            BaseModel base, String name, Calibration texts, PrunedWeights pruned) {
        return (PruningOutcome.Finished)
                new LayerwisePruning(base, settings(name), 8)
                        .prune(
                                texts,
                                LayerwisePruning.allLayers(base),
                                pruned,
                                PruningProgress.Listener.none(),
                                () -> false);
    }

    private static PruningSettings settings(String name) {
        Pruner pruner =
                name.startsWith("magnitude")
                        ? new Pruner.Magnitude()
                        : name.startsWith("wanda")
                                ? new Pruner.Wanda()
                                : Pruner.SparseGpt.defaults();
        String form = name.replaceAll("^[a-z]+", "");
        Sparsity sparsity =
                form.equals("2to4") ? Sparsity.inGroups(2, 4) : Sparsity.unstructured("0." + form);
        return new PruningSettings(pruner, sparsity, CutRule.REFERENCE);
    }

    private static Calibration calibration(Path folder) {
        Path file = folder.resolve("eval_ids.safetensors");
        return Calibration.windows(Goldens.ids(file, "calib_ids"), length(file));
    }

    private static int length(Path file) {
        return (int) Goldens.shapes(file).get("calib_ids").dimension(1);
    }

    private static JsonNode json(Path file) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(file));
    }
}
