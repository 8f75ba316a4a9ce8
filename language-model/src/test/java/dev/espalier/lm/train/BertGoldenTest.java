package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.tokens.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The plain model, no adapter trained, against transformers. */
class BertGoldenTest {

    private static final AdapterSettings UNTOUCHED =
            new AdapterSettings(1, 1, 0, TargetModules.names("query"), TaskHead.frozen());

    private final Path folder = Goldens.family("bert");
    private final Path outputs = folder.resolve("outputs.safetensors");

    private BaseModel base;
    private LiveAdapter adapter;
    private List<Example> examples;

    @BeforeEach
    void load() throws IOException {
        base = BaseModel.load(folder);
        AdapterWeights nothing = base.freshAdapter(UNTOUCHED, 1);
        adapter = base.adapt(UNTOUCHED, nothing);
        examples = Goldens.examples(folder);
    }

    @AfterEach
    void close() {
        adapter.close();
        base.close();
    }

    @Test
    void logitsAndLossAreThoseOfTransformers() {
        Classifier.Scores scores = new Classifier(base, adapter).scores(examples, null);

        assertThat(scores.logits).containsExactly(Goldens.floats(outputs, "logits"), within(1e-4f));
        assertThat(mean(scores.losses)).isCloseTo(Goldens.floats(outputs, "loss")[0], within(1e-5));
    }

    @Test
    void whoeverLooksInsideChangesNothing() {
        Classifier classifier = new Classifier(base, adapter);

        float[] unseen = classifier.scores(examples, null).logits;
        float[] seen = classifier.scores(examples, new Inside()).logits;

        assertThat(unseen).containsExactly(seen, within(1e-6f));
    }

    static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** Looks and keeps nothing. */
    private static final class Inside implements ForwardObserver {

        @Override
        public void hiddenStates(int index, NDArray states) {}

        @Override
        public void attention(int block, NDArray probabilities) {}
    }
}
