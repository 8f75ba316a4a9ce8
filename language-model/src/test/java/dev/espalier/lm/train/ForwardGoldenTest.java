package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.ForwardObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The plain model, no adapter trained, against transformers. */
class ForwardGoldenTest {

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<String> decoders() {
        return Goldens.decoders();
    }

    @ParameterizedTest
    @MethodSource("families")
    void logitsAndLossAreThoseOfTransformers(String family) throws IOException {
        Path outputs = Goldens.family(family).resolve("outputs.safetensors");
        try (GoldenModel model = GoldenModel.load(Goldens.family(family));
                LiveAdapter nothing = model.base().unadapted()) {
            model.compareLogits(model.logits(nothing, null), Goldens.floats(outputs, "logits"));
            assertThat(model.loss(nothing))
                    .isCloseTo(Goldens.floats(outputs, "loss")[0], within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void whoeverLooksInsideChangesNothing(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.family(family));
                LiveAdapter nothing = model.base().unadapted()) {
            float[] unseen = model.logits(nothing, null);
            float[] seen = model.logits(nothing, new Inside());

            model.compareLogits(unseen, seen);
        }
    }

    /** Not its loss: that counts what transformers foretells from padding. */
    @ParameterizedTest
    @MethodSource("decoders")
    void paddingOnTheLeftIsThatOfTransformers(String family) throws IOException {
        Path folder = Goldens.family(family);
        Path file = folder.resolve("outputs_leftpad.safetensors");
        try (GoldenModel model = GoldenModel.load(folder, file, Precision.SINGLE);
                LiveAdapter nothing = model.base().unadapted()) {
            model.compareLogits(
                    model.leftPaddedLogits(nothing), Goldens.floats(file, "logits"), true);
        }
    }

    /** Looks and keeps nothing. */
    private static final class Inside implements ForwardObserver {

        @Override
        public void hiddenStates(int index, NDArray states) {}

        @Override
        public void attention(int block, NDArray probabilities) {}
    }
}
