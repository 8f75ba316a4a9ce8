package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.sensitivity.ComponentScore;
import dev.espalier.lm.sensitivity.ElementScore;
import dev.espalier.lm.sensitivity.Sensitivity;
import dev.espalier.lm.sensitivity.Smoothing;
import dev.espalier.lm.sensitivity.WeightsOfStep;
import dev.espalier.lm.tokens.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepObserverTest {

    private static final List<Example> EXAMPLES = TinyModel.examples(40, 3);
    private static final String LAYER = "bert.encoder.layer.0.attention.self.query";

    @Test
    void lookingChangesNothing() {
        try (BaseModel base = tiny();
                TrainingRun seen = begin(base);
                TrainingRun unseen = begin(base)) {
            List<StepChange> changes = new ArrayList<>();
            seen.observe(changes::add);
            finish(seen);
            finish(unseen);

            assertThat(seen.weights()).isEqualTo(unseen.weights());
            assertThat(changes).hasSize(seen.steps());
        }
    }

    @Test
    void eachStepBeginsWhereTheOneBeforeEnded() {
        try (BaseModel base = tiny();
                TrainingRun run = begin(base)) {
            List<AdapterWeights> ends = new ArrayList<>(List.of(run.weights()));
            run.observe(change -> {
                assertThat(change.before()).isEqualTo(ends.getLast());
                assertThat(change.gradients().shapes()).isEqualTo(change.before().shapes());
                ends.add(change.after());
            });
            finish(run);

            assertThat(ends).hasSize(run.steps() + 1).last().isEqualTo(run.weights());
        }
    }

    @Test
    void anObserverThatFailsDoesNotUndoTheStep() {
        try (BaseModel base = tiny();
                TrainingRun seen = begin(base);
                TrainingRun unseen = begin(base)) {
            seen.observe(change -> {
                throw new UnsupportedOperationException();
            });
            assertThatThrownBy(seen::step).isInstanceOf(UnsupportedOperationException.class);
            unseen.step();

            assertThat(seen.checkpoint()).isEqualTo(unseen.checkpoint());
        }
    }

    @Test
    void sensitivitiesGoOnWithAResumedRunBitForBit(@TempDir Path folder) throws IOException {
        try (BaseModel base = tiny()) {
            Sensitivity whole = Sensitivity.start(start(base).shapes(), Smoothing.defaults());
            try (TrainingRun run = begin(base)) {
                run.observe(whole.observer(WeightsOfStep.AFTER));
                finish(run);
            }

            Sensitivity parts = inTwoParts(base, folder.resolve("sensitivity.safetensors"));
            assertThat(components(parts)).isEqualTo(components(whole));
        }
    }

    private static Sensitivity inTwoParts(BaseModel base, Path file) throws IOException {
        Sensitivity first = Sensitivity.start(start(base).shapes(), Smoothing.defaults());
        TrainingCheckpoint checkpoint;
        try (TrainingRun run = begin(base)) {
            run.observe(first.observer(WeightsOfStep.AFTER));
            run.step();
            run.step();
            checkpoint = run.checkpoint();
            first.write(file);
        }
        Sensitivity second = Sensitivity.read(file);
        try (TrainingRun run = trainer(base).resume(checkpoint, EXAMPLES)) {
            run.observe(second.observer(WeightsOfStep.AFTER));
            finish(run);
        }
        return second;
    }

    private static double[] components(Sensitivity sensitivity) {
        double[] scores =
                sensitivity.components(LAYER, ElementScore.ADALORA, ComponentScore.MEAN_PLUS_MEAN);
        assertThat(scores).hasSize(TinyModel.ADAPTER.rank());
        return scores;
    }

    private static BaseModel tiny() {
        Compute.useThreads(1);
        return TinyModel.load();
    }

    private static AdapterWeights start(BaseModel base) {
        return base.freshAdapter(TinyModel.ADAPTER, 7);
    }

    private static ClassificationTrainer trainer(BaseModel base) {
        return new ClassificationTrainer(base, TinyModel.ADAPTER, TinyModel.settings(2, 16, 5));
    }

    private static TrainingRun begin(BaseModel base) {
        return trainer(base).begin(start(base), EXAMPLES);
    }

    private static void finish(TrainingRun run) {
        while (!run.isDone()) {
            run.step();
        }
    }
}
