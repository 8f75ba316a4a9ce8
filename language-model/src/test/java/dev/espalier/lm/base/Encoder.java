package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs a base model without a head and keeps what it saw inside. */
final class Encoder {

    private final BaseModel base;

    Encoder(BaseModel base) {
        this.base = base;
    }

    States encode(List<TokenSequence> texts) {
        States states = new States(texts, base.structure().hidden(), base.structure().heads());
        Linears headless =
                (module, x) ->
                        module.startsWith(base.structure().taskHeadModule())
                                ? x
                                : Linears.frozen(base.weights(), base.structure()).apply(module, x);
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(base.weights().manager())) {
            TokenBatch batch = TokenBatch.of(texts, workspace, base.weights().precision());
            Forward pass = new Forward(workspace, base.weights(), headless, Dropout.NONE, states);
            switch (base.family()) {
                case SequenceClassifier model -> model.classify(pass, batch);
                case CausalLanguageModel model -> model.states(pass, batch);
                case TextToTextModel model -> model.encode(pass, batch);
            }
        }
        return states;
    }

    static final class States implements ForwardObserver {
        private final List<TokenSequence> texts;
        private final int hidden;
        private final int heads;
        private final int time;
        private final Map<Integer, float[]> states = new HashMap<>();
        private final Map<Integer, float[]> attentions = new HashMap<>();
        private final int[] padding;

        States(List<TokenSequence> texts, int hidden, int heads) {
            this.texts = texts;
            this.hidden = hidden;
            this.heads = heads;
            this.padding = new int[texts.size()];
            this.time = texts.stream().mapToInt(TokenSequence::length).max().orElseThrow();
        }

        @Override
        public void hiddenStates(int index, NDArray array) {
            states.put(index, array.toFloatArray());
        }

        @Override
        public void attention(int block, NDArray probabilities) {
            attentions.put(block, probabilities.toFloatArray());
        }

        /** How many hidden states were shown, embeddings included. */
        int layers() {
            return states.size();
        }

        float[] hidden(int index) {
            return states.get(index).clone();
        }

        /** The goldens have so many places of padding on the left of each row. */
        void leftPadding(int row, int places) {
            padding[row] = places;
        }

        /** Rows of padding are not compared: their content is of no use. */
        void compareHidden(int index, float[] expected, float tolerance) {
            float[] actual = states.get(index);
            int theirTime = expected.length / texts.size() / hidden; // may be more than ours
            for (int row = 0; row < texts.size(); row++) {
                int length = texts.get(row).length() * hidden;
                int ours = row * time * hidden;
                int theirs = (row * theirTime + padding[row]) * hidden;
                compare(actual, ours, expected, theirs, length, tolerance);
            }
        }

        /**
         * As {@link #compareHidden}; nothing is looked at on padding, whose weight is 0.
         *
         * @param name of a tensor [batch, heads, queries, keys]
         */
        void compareAttention(int block, SafetensorsFile golden, String name, float tolerance) {
            float[] actual = attentions.get(block);
            float[] expected = golden.floats(name);
            int lines = texts.size() * heads;
            int theirTime = (int) golden.info(name).shape().dimension(2);
            int theirKeys = (int) golden.info(name).shape().dimension(3);
            int ourKeys = actual.length / (lines * time);
            assertThat(theirKeys).isGreaterThanOrEqualTo(ourKeys);
            for (int line = 0; line < lines; line++) {
                for (int query = 0; query < texts.get(line / heads).length(); query++) {
                    int ours = (line * time + query) * ourKeys;
                    int theirs = (line * theirTime + query) * theirKeys;
                    compare(actual, ours, expected, theirs, ourKeys, tolerance);
                }
            }
        }

        private static void compare(
                float[] actual, int ours, float[] expected, int theirs, int length, float by) {
            assertThat(Arrays.copyOfRange(actual, ours, ours + length))
                    .containsExactly(
                            Arrays.copyOfRange(expected, theirs, theirs + length), within(by));
        }

        /** Mean over tokens, of length one: what sentence-transformers gives. */
        float[][] embeddings(int index) {
            float[][] embeddings = new float[texts.size()][hidden];
            for (int row = 0; row < texts.size(); row++) {
                for (int t = 0; t < texts.get(row).length(); t++) {
                    for (int h = 0; h < hidden; h++) {
                        embeddings[row][h] += states.get(index)[(row * time + t) * hidden + h];
                    }
                }
                normalise(embeddings[row]);
            }
            return embeddings;
        }

        private static void normalise(float[] vector) {
            double squares = 0;
            for (float v : vector) {
                squares += (double) v * v;
            }
            for (int i = 0; i < vector.length; i++) {
                vector[i] /= (float) Math.sqrt(squares);
            }
        }
    }
}
