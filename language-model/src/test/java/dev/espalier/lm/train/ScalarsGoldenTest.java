package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.GoldenHeads;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Counts of parameters and losses, as {@code scalars.json} has them. */
class ScalarsGoldenTest {

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<String> adapters() {
        return Goldens.adapters().filter(adapter -> !adapter.endsWith("_cls"));
    }

    @ParameterizedTest
    @MethodSource("families")
    void aModelHasAsManyParametersAsThatOfTransformers(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.family(family))) {
            long expected = scalar(family, "n_params").longValue();

            assertThat(parameters(base.structure())).isEqualTo(expected);
            assertThat(elements(base)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void withoutHeadsAModelHasAsManyParametersAsThatOfTransformers(String family)
            throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.family(family));
                BaseModel left = base.keeping(mask(family, base))) {
            long expected = scalar(family, "n_params_heads_removed").longValue();

            assertThat(parameters(left.structure())).isEqualTo(expected);
            assertThat(elements(left)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void lossesWithAllAndWithMaskedHeadsAreThoseOfTransformers(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.family(family));
                LiveAdapter live = model.base().unadapted()) {
            requireLoss(model.loss(live), scalar(family, "loss"));
            live.gateHeads(mask(family, model.base()));
            requireLoss(model.loss(live), scalar(family, "loss_masked"));
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void lossesOfAdamWStepsAreThoseOfPytorch(String adapter) throws IOException {
        Path folder = Goldens.family(adapter);
        PeftFolder peft = PeftFolder.read(folder);
        try (GoldenModel model = GoldenModel.load(folder.getParent());
                TrainingRun run =
                        model.begin(
                                peft.settings(),
                                AdapterGoldenTest.fourSteps(model.batch().length),
                                peft.weights())) {
            for (JsonNode loss : losses(folder, "losses")) {
                requireLoss(run.step().loss(), loss);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void lossesOfPlainDescentAreThoseOfPytorch(String adapter) throws IOException {
        Path folder = Goldens.family(adapter);
        PeftFolder peft = PeftFolder.read(folder);
        AdapterWeights weights = peft.weights();
        try (GoldenModel model = GoldenModel.load(folder.getParent())) {
            for (JsonNode loss : losses(folder, "sgd_losses")) {
                try (LiveAdapter live = model.base().adapt(peft.settings(), weights)) {
                    requireLoss(model.loss(live), loss);
                    weights = AdapterGoldenTest.descended(weights, model.gradients(live), 0.1f);
                }
            }
        }
    }

    private static void requireLoss(double actual, JsonNode expected) {
        assertThat(actual).isCloseTo(expected.doubleValue(), within(1e-5));
    }

    /** What the structure tells those who plan. */
    private static long parameters(ModelStructure structure) {
        SortedMap<String, Shape> head = new TreeMap<>();
        for (LinearLayer linear : structure.taskHeadLinears()) {
            linear.putInto(head);
        }
        return structure.parameters() + sum(head);
    }

    /** What lies in the engine. */
    private static long elements(BaseModel base) {
        return sum(base.weights().shapes());
    }

    private static long sum(SortedMap<String, Shape> shapes) {
        return shapes.values().stream().mapToLong(Shape::elements).sum();
    }

    private static HeadMask mask(String family, BaseModel base) {
        return new GoldenHeads(Goldens.family(family), base.structure()).mask();
    }

    /** Not of every adapter; then there are none. */
    private static JsonNode losses(Path adapter, String kind) throws IOException {
        return scalars(adapter.getParent()).path(adapter.getFileName() + "_" + kind);
    }

    private static JsonNode scalar(String family, String name) throws IOException {
        JsonNode scalar = scalars(Goldens.family(family)).path(name);
        assertThat(scalar.isNumber()).as(name).isTrue();
        return scalar;
    }

    private static JsonNode scalars(Path family) throws IOException {
        Path file = family.resolve("scalars.json");
        return JsonMapper.shared().readTree(Files.readString(file));
    }
}
