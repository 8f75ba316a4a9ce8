package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Workspace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The backward pass reads nothing that the collector may have freed since the forward pass: numbers
 * that the engine took from a Java buffer must live as long as what was computed with them.
 */
class CollectedGarbageTest {

    static Stream<String> families() {
        return Goldens.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void gradientsSurviveACollectionBetweenForwardAndBackward(String family) throws IOException {
        Compute.useThreads(1);
        Path folder = Goldens.bundled(family);
        PeftFolder peft = PeftFolder.read(folder.resolve("lora_all"));
        AdapterSettings settings = peft.settings();
        try (GoldenModel model = GoldenModel.load(folder);
                LiveAdapter live = model.base().adapt(settings, peft.weights())) {
            AdapterWeights expected = gradients(model, live, false);

            assertThat(gradients(model, live, true)).isEqualTo(expected);
        }
    }

    private static AdapterWeights gradients(GoldenModel model, LiveAdapter live, boolean collect) {
        TrainedTensors tensors = new TrainedTensors(live, live.values());
        try (Gradients _ = Gradients.recorded();
                Workspace workspace = new Workspace(live.manager())) {
            NDArray loss = model.loss(live.linears(Dropout.NONE), workspace);
            if (collect) {
                overwriteWhatIsFree();
            }
            Gradients.backward(loss, 1);
        }
        tensors.takeGradients();
        return tensors.gradients();
    }

    /** Small buffers get the places of small buffers that were freed. */
    private static void overwriteWhatIsFree() {
        List<ByteBuffer> taken = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            System.gc();
            for (int n = 0; n < 5000; n++) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(4 + n % 5 * 4);
                while (buffer.hasRemaining()) {
                    buffer.put((byte) 0x7e);
                }
                taken.add(buffer);
            }
        }
        assertThat(taken).isNotEmpty();
    }
}
