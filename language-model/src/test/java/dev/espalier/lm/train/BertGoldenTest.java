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
import java.util.Map;
import java.util.TreeMap;
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

        assertThat(scores.logits())
                .containsExactly(Goldens.floats(outputs, "logits"), within(1e-4f));
        assertThat(mean(scores.losses()))
                .isCloseTo(Goldens.floats(outputs, "loss")[0], within(1e-5));
    }

    @Test
    void hiddenStatesAndAttentionsAreThoseOfTransformers() {
        Inside inside = new Inside();
        new Classifier(base, adapter).scores(examples, inside);

        int layers = base.structure().layers();
        assertThat(inside.states).hasSize(layers + 1);
        assertThat(inside.attentions).hasSize(layers);
        inside.states.forEach(
                (i, s) -> compareStates(s, Goldens.floats(outputs, "hidden_states." + i)));
        inside.attentions.forEach(
                (i, a) -> compareAttention(a, Goldens.floats(outputs, "attentions." + i)));
    }

    @Test
    void whoeverLooksInsideChangesNothing() {
        Classifier classifier = new Classifier(base, adapter);

        float[] unseen = classifier.scores(examples, null).logits();
        float[] seen = classifier.scores(examples, new Inside()).logits();

        assertThat(unseen).containsExactly(seen, within(1e-6f));
    }

    /** Padding rows are compared by nobody: their content is of no use. */
    private void compareStates(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        int hidden = base.structure().hidden();
        int time = actual.length / examples.size() / hidden;
        for (int row = 0; row < examples.size(); row++) {
            int from = row * time * hidden;
            int to = from + examples.get(row).tokens().length() * hidden;
            for (int i = from; i < to; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
            }
        }
    }

    private void compareAttention(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        int heads = base.structure().heads();
        int time = (int) Math.round(Math.sqrt((double) actual.length / examples.size() / heads));
        for (int i = 0; i < actual.length; i++) {
            int query = i / time % time;
            int row = i / (heads * time * time);
            if (query < examples.get(row).tokens().length()) {
                assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
            }
        }
    }

    static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static final class Inside implements ForwardObserver {
        final Map<Integer, float[]> states = new TreeMap<>();
        final Map<Integer, float[]> attentions = new TreeMap<>();

        @Override
        public void hiddenStates(int index, NDArray array) {
            states.put(index, array.toFloatArray());
        }

        @Override
        public void attention(int block, NDArray probabilities) {
            attentions.put(block, probabilities.toFloatArray());
        }
    }
}
