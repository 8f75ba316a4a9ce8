package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.base.MergedModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.tokens.Example;
import dev.espalier.tensors.masked.IndexSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunStarterTest {

    private static final List<Example> EXAMPLES = TinyModel.examples(20, 3);
    private static final TrainingSettings SETTINGS = TinyModel.settings(2, 4, 1);

    @TempDir private Path folder;

    private static BaseModel base;

    @BeforeAll
    static void load() {
        Compute.useThreads(1);
        base = TinyModel.load();
    }

    @AfterAll
    static void close() {
        base.close();
    }

    @Test
    void aCheckpointOfAnotherBaseOfTheSameFormIsRefused() throws IOException {
        AdapterSettings frozenHead =
                new AdapterSettings(2, 4, 0, TargetModules.names("query"), TaskHead.frozen());
        AdapterWeights change = TestAdapters.scattered(base.freshAdapter(frozenHead, 1), 1);
        MergedModel.write(base, frozenHead, change, folder);
        TrainingCheckpoint checkpoint = checkpoint(base);
        try (BaseModel other = BaseModel.load(folder)) {
            assertThat(other.weights().shapes()).isEqualTo(base.weights().shapes());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> trainer(other).resume(checkpoint, EXAMPLES))
                    .withMessageContaining("base");
        }
    }

    @Test
    void aCheckpointOfTheSameWeightsElsewhereIsTaken() throws IOException {
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Goldens.bundled("bert").resolve(file), folder.resolve(file));
        }
        TrainingCheckpoint checkpoint = checkpoint(base);
        try (BaseModel moved = BaseModel.load(folder);
                TrainingRun here = trainer(base).resume(checkpoint, EXAMPLES);
                TrainingRun there = trainer(moved).resume(checkpoint, EXAMPLES)) {
            assertThat(there.step()).isEqualTo(here.step());
            assertThat(there.weights()).isEqualTo(here.weights());
        }
    }

    /** Else the whole of what was misspelt would be trained. */
    @Test
    void aPartThatTheAdapterLacksIsRefusedBeforeAnythingIsMade() {
        AdapterPart misspelt =
                AdapterPart.ofComponents(
                        Map.of("bert.encoder.layer.1.attention.self.qeury", IndexSet.of(0)));
        AdapterWeights start = base.freshAdapter(TinyModel.ADAPTER, 1);
        int before = arrays();
        ClassificationTrainer trainer =
                new ClassificationTrainer(base, TinyModel.ADAPTER, SETTINGS, misspelt);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.begin(start, EXAMPLES))
                .withMessageContaining("qeury");
        assertThat(arrays()).isEqualTo(before);
    }

    @Test
    void aCheckpointThatIsNotWholeLeavesNothingBehind() {
        TrainingCheckpoint whole = checkpoint(base);
        AdapterWeights none = AdapterWeights.builder().build();
        TrainingCheckpoint torn =
                new TrainingCheckpoint(
                        whole.fingerprint(), whole.weights(), none, none, 1, 4, 1, 1, 1);
        int before = arrays();

        assertThatThrownBy(() -> trainer(base).resume(torn, EXAMPLES))
                .isInstanceOf(RuntimeException.class);
        assertThat(arrays()).isEqualTo(before);
    }

    private static int arrays() {
        return base.weights().manager().getManagedArrays().size();
    }

    private static ClassificationTrainer trainer(BaseModel model) {
        return new ClassificationTrainer(model, TinyModel.ADAPTER, SETTINGS);
    }

    private static TrainingCheckpoint checkpoint(BaseModel model) {
        AdapterWeights start = model.freshAdapter(TinyModel.ADAPTER, 1);
        try (TrainingRun run = trainer(model).begin(start, EXAMPLES)) {
            run.step();
            return run.checkpoint();
        }
    }
}
