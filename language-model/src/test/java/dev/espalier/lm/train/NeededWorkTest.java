package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeededWorkTest {

    /** Which of embeddings, layer 0 and layer 1 a backward pass has to go through. */
    @ParameterizedTest
    @CsvSource({
        "layer.0.attention.self.value, false, true, true",
        "layer.1.attention.self.value, false, false, true",
        "layer.1.output.dense, false, false, true"
    })
    void noGradientFlowsBelowTheLowestAdapter(
            String target, boolean embeddings, boolean first, boolean second) {
        AdapterSettings settings =
                new AdapterSettings(
                        2, 4, 0, TargetModules.names(target), TaskHead.trained(List.of("a", "b")));
        try (BaseModel base = TinyModel.load();
                LiveAdapter live = base.adapt(settings, base.freshAdapter(settings, 1))) {
            assertThat(recorded(base, live)).containsExactly(embeddings, first, second);
        }
    }

    private static List<Boolean> recorded(BaseModel base, LiveAdapter live) {
        List<Boolean> recorded = new ArrayList<>();
        try (Gradients _ = Gradients.recorded();
                Workspace workspace = new Workspace(live.manager())) {
            List<Example> examples = TinyModel.examples(3, 1);
            TokenBatch batch =
                    TokenBatch.of(
                            examples.stream().map(Example::tokens).toList(),
                            workspace,
                            base.weights().precision());
            base.classifier()
                    .classify(
                            new Forward(
                                    workspace,
                                    base.weights(),
                                    live.linears(Dropout.NONE),
                                    Dropout.NONE,
                                    new Recorder(recorded)),
                            batch);
        }
        return recorded;
    }

    /** All heads of the first layer are left out: backward goes as deep as the second. */
    @Test
    void noGradientFlowsBelowTheLowestPartThatIsTrained() {
        AdapterSettings settings =
                new AdapterSettings(
                        2,
                        4,
                        0,
                        TargetModules.names("query", "value"),
                        TaskHead.trained(List.of("a", "b")));
        try (BaseModel base = TinyModel.load()) {
            boolean[][] kept = HeadMask.all(base.structure()).toArray();
            Arrays.fill(kept[0], false);
            HeadMask mask = HeadMask.of(kept);
            AdapterWeights start = base.freshAdapter(settings, 1);
            AdapterPart part =
                    AdapterPart.ofHeads(ModelHeads.kept(base.structure(), mask), settings);

            try (LiveAdapter frozen = base.adapt(settings, start, part)) {
                assertThat(recorded(base, frozen)).containsExactly(false, false, true);
            }
            try (BaseModel left = base.keeping(mask);
                    LiveAdapter removed = left.adapt(settings, part.taken(start))) {
                assertThat(recorded(left, removed)).containsExactly(false, false, true);
            }
        }
    }

    private record Recorder(List<Boolean> recorded) implements ForwardObserver {

        @Override
        public void hiddenStates(int index, NDArray states) {
            recorded.add(leadsToAParameter(states.sum()));
        }

        /** The engine refuses to go back from what was computed of frozen weights alone. */
        private static boolean leadsToAParameter(NDArray sum) {
            NDArray one = sum.onesLike();
            try {
                JniUtils.backward((PtNDArray) sum, (PtNDArray) one, true, false);
                return true;
            } catch (EngineException e) {
                return false;
            }
        }

        @Override
        public void attention(int block, NDArray probabilities) {}
    }
}
