package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.TextToTextModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family, trained in its last layer only (T5: in its decoder only), with what lies below
 * computed once or every time.
 */
class FrozenStatesOfFamiliesTest {

    private static final int EPOCHS = 3;

    static Stream<String> families() {
        return Goldens.families();
    }

    @BeforeAll
    static void oneThread() {
        Compute.useThreads(1);
    }

    @ParameterizedTest
    @MethodSource("families")
    void whatIsComputedOnceTrainsAsWhatIsComputedEveryTime(String family) throws IOException {
        try (GoldenModel model = GoldenModel.load(Goldens.bundled(family))) {
            Run once = run(model, TrainingSettings.USUAL_STATE_BYTES);
            Run everyTime = run(model, 0);

            assertThat(once.kept).isEqualTo(model.task().size());
            assertThat(everyTime.kept).isZero();
            for (int step = 0; step < once.losses.size(); step++) {
                assertThat(once.losses.get(step))
                        .isCloseTo(everyTime.losses.get(step), within(1e-5));
            }
            for (String name : once.weights.names()) {
                // a step of Adam is as long as the rate, however small the gradient
                assertThat(once.weights.values(name))
                        .as(name)
                        .containsExactly(everyTime.weights.values(name), within(2e-4f));
            }
        }
    }

    private record Run(List<Double> losses, AdapterWeights weights, int kept) {}

    private static Run run(GoldenModel model, long bytes) {
        BaseModel base = model.base();
        AdapterSettings adapter = highest(base);
        TrainingSettings settings =
                new TrainingSettings(
                        EPOCHS,
                        2,
                        1,
                        1e-3,
                        LearningRateSchedule.CONSTANT,
                        0.01,
                        0,
                        1,
                        Integer.MAX_VALUE,
                        false,
                        1,
                        bytes);
        List<Double> losses = new ArrayList<>();
        try (TrainingRun run = model.begin(adapter, settings, base.freshAdapter(adapter, 1))) {
            run.run(report -> losses.add(report.loss()), () -> false);
            return new Run(losses, run.weights(), run.keptStates());
        }
    }

    /** Query and value of the last block; for T5 that is one of the decoder. */
    private static AdapterSettings highest(BaseModel base) {
        AttentionBlock last = base.structure().attention().getLast();
        assertThat(base.family().lowestLayer(List.of(last.query())))
                .isEqualTo(
                        base.family() instanceof TextToTextModel
                                ? base.family().firstStack()
                                : base.family().firstStack() - 1)
                .isPositive();
        TaskHead head =
                base.structure().taskHeadLinears().isEmpty()
                        ? TaskHead.frozen()
                        : TaskHead.trained(base.structure().labels());
        return new AdapterSettings(
                2, 4, 0.1, TargetModules.names(last.query(), last.value()), head);
    }
}
