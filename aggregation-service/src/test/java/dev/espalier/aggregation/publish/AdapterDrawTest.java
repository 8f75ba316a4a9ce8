package dev.espalier.aggregation.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterDrawTest {

    private static final AdapterTensor LARGE_A =
            new AdapterTensor("a", AdapterTensor.Kind.LORA_A, "m", List.of(64, 400));
    private static final AdapterTensor LARGE_HEAD =
            new AdapterTensor("h", AdapterTensor.Kind.TASK_HEAD_WEIGHT, "m", List.of(100, 400));

    @TempDir Path folder;

    @Test
    void theSameSeedGivesTheSameBytesForEver() throws IOException {
        Path file = folder.resolve("a.safetensors");
        AdapterLayout layout =
                AdapterLayout.of(
                        TinyModel.structure(TinyModel.BLOCK), TinyModel.ADAPTER, TinyModel.TASK);
        new AdapterDraw(42).write(layout, List.of("ham", "spam"), file);

        assertThat(Digest.of(Files.readAllBytes(file)))
                .as("changing this changes the result of every job")
                .isEqualTo(
                        new Digest(
                                "4d83b46719d9d0476206ef15b6aa66383181160636cb283ca7f63f42ad839eb2"));
    }

    @Test
    void anotherSeedGivesOtherValues() {
        assertThat(new AdapterDraw(1).values(LARGE_A))
                .isNotEqualTo(new AdapterDraw(2).values(LARGE_A));
    }

    @Test
    void aTensorDoesNotDependOnWhichOthersThereAre() {
        AdapterLayout few =
                AdapterLayout.of(
                        TinyModel.structure(),
                        new AdapterSpec(2, 4.0, 0.0, List.of("value")),
                        TinyModel.TASK);

        for (AdapterTensor tensor : few.tensors()) {
            AdapterTensor same = TinyModel.layout().tensor(tensor.name()).orElseThrow();
            assertThat(new AdapterDraw(42).values(tensor))
                    .isEqualTo(new AdapterDraw(42).values(same));
        }
    }

    @Test
    void aIsUniformWithinOneByTheRootOfItsInputs() {
        float[] values = new AdapterDraw(42).values(LARGE_A);
        double bound = 1 / Math.sqrt(400);

        assertThat(mean(values)).isCloseTo(0, within(bound * 0.02));
        assertThat(deviation(values)).isCloseTo(bound / Math.sqrt(3), within(bound * 0.01));
        for (float value : values) {
            assertThat(Math.abs(value)).isLessThanOrEqualTo((float) bound);
        }
    }

    @Test
    void theHeadIsNormalWithTheUsualDeviation() {
        float[] values = new AdapterDraw(42).values(LARGE_HEAD);

        assertThat(mean(values)).isCloseTo(0, within(0.0005));
        assertThat(deviation(values)).isCloseTo(0.02, within(0.0004));
        double beyondTwo = 0;
        for (float value : values) {
            beyondTwo += Math.abs(value) > 0.04 ? 1 : 0;
        }
        assertThat(beyondTwo / values.length).isCloseTo(0.0455, within(0.005));
    }

    @Test
    void aFreshAdapterChangesNothing() {
        for (AdapterTensor tensor : TinyModel.layout().tensors()) {
            if (tensor.kind() == AdapterTensor.Kind.LORA_B
                    || tensor.kind() == AdapterTensor.Kind.TASK_HEAD_BIAS) {
                assertThat(new AdapterDraw(42).values(tensor)).containsOnly(0f);
            }
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double deviation(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum / values.length);
    }
}
