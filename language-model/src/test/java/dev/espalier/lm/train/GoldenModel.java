package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A model, the batch of its goldens, and what it is trained for, whatever its family. */
final class GoldenModel implements AutoCloseable {

    private static final int PIECE = 1024;

    private final BaseModel base;
    private final Path inputs;

    private GoldenModel(BaseModel base, Path inputs) {
        this.base = base;
        this.inputs = inputs;
    }

    static GoldenModel load(Path family) throws IOException {
        return load(family, family.resolve("inputs.safetensors"), Precision.SINGLE);
    }

    /**
     * @param model folder of the model, which may lie elsewhere than its batch
     */
    static GoldenModel load(Path model, Path inputs, Precision precision) throws IOException {
        return new GoldenModel(BaseModel.load(model, precision), inputs);
    }

    /** The same batch on the model without some heads. */
    GoldenModel keeping(HeadMask mask) {
        return new GoldenModel(base.keeping(mask), inputs);
    }

    BaseModel base() {
        return base;
    }

    Task task() {
        try {
            return switch (base.family()) {
                case SequenceClassifier _ ->
                        new ClassificationTask(base, Goldens.examples(inputs.getParent()));
                case CausalLanguageModel _ ->
                        new LanguageTask(base, Goldens.languageExamples(inputs));
                case TextToTextModel _ ->
                        new TextToTextTask(base, Goldens.textToTextExamples(inputs));
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int[] batch() {
        return IntStream.range(0, task().size()).toArray();
    }

    /** The mean loss of the batch; its gradient is added. */
    double backward(LiveAdapter live) {
        return task().backward(live, batch(), Entrance.EMBEDDINGS, Masks.NONE, 1);
    }

    /** The mean loss of the batch with such layers, to be differentiated. */
    NDArray loss(Linears linears, Workspace workspace) {
        Precision precision = base.weights().precision();
        Forward pass = new Forward(workspace, base.weights(), linears, Dropout.NONE, null);
        return switch (task()) {
            case ClassificationTask(BaseModel _, List<Example> examples) -> {
                List<TokenSequence> texts = examples.stream().map(Example::tokens).toList();
                TokenBatch batch = TokenBatch.of(texts, workspace, precision);
                yield CrossEntropy.mean(base.classifier().classify(pass, batch), examples);
            }
            case LanguageTask(BaseModel _, List<LanguageExample> examples) -> {
                List<TokenSequence> texts = examples.stream().map(LanguageExample::tokens).toList();
                TokenBatch batch = TokenBatch.of(texts, workspace, precision);
                CausalLanguageModel model = base.causalLanguageModel();
                yield Foreteller.predictions(examples, batch.length())
                        .losses(model.states(pass, batch), chosen -> model.logits(pass, chosen))
                        .mean();
            }
            case TextToTextTask(BaseModel _, List<TextToTextExample> examples) ->
                    loss(pass, examples, workspace);
            default -> throw new IllegalStateException();
        };
    }

    private NDArray loss(Forward pass, List<TextToTextExample> examples, Workspace workspace) {
        Precision precision = base.weights().precision();
        TextToTextModel model = base.textToTextModel();
        List<TokenSequence> sources = examples.stream().map(TextToTextExample::source).toList();
        List<TokenSequence> targets =
                examples.stream()
                        .map(e -> e.shifted(model.startToken(), model.paddingToken()))
                        .toList();
        TokenBatch target = TokenBatch.of(targets, workspace, precision);
        TextToTextModel.Encoded encoded =
                model.encode(pass, TokenBatch.of(sources, workspace, precision));
        return TextToTextForeteller.predictions(examples, target.length())
                .losses(model.decode(pass, encoded, target), chosen -> model.logits(pass, chosen))
                .mean();
    }

    /** The mean loss as evaluation computes it. */
    double loss(LiveAdapter live) {
        return switch (task()) {
            case ClassificationTask(BaseModel _, List<Example> examples) ->
                    mean(new Classifier(base, live).scores(examples, null).losses);
            case LanguageTask(BaseModel _, List<LanguageExample> examples) ->
                    mean(new Foreteller(base, live).losses(examples));
            case TextToTextTask(BaseModel _, List<TextToTextExample> examples) ->
                    mean(new TextToTextForeteller(base, live).losses(examples));
            default -> throw new IllegalStateException();
        };
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    AdapterWeights gradients(LiveAdapter live) {
        backward(live);
        TrainedTensors tensors = new TrainedTensors(live, live.values());
        tensors.takeGradients();
        return tensors.gradients();
    }

    TrainingRun begin(AdapterSettings adapter, TrainingSettings settings, AdapterWeights weights) {
        return new RunStarter(base, adapter, settings).begin(weights, task());
    }

    /** [batch, classes] or [batch, time, vocabulary]. */
    float[] logits(LiveAdapter live, @Nullable ForwardObserver observer) throws IOException {
        return logits(live, observer, false);
    }

    /** As {@link #logits}, padded on the left. */
    float[] leftPaddedLogits(LiveAdapter live) throws IOException {
        return logits(live, null, true);
    }

    private float[] logits(LiveAdapter live, @Nullable ForwardObserver observer, boolean left)
            throws IOException {
        List<TokenSequence> texts = Goldens.sequences(inputs);
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(live.manager())) {
            Precision precision = base.weights().precision();
            TokenBatch batch =
                    left
                            ? TokenBatch.leftPadded(texts, workspace, precision)
                            : TokenBatch.of(texts, workspace, precision);
            Forward pass =
                    new Forward(
                            workspace,
                            base.weights(),
                            live.linears(Dropout.NONE),
                            Dropout.NONE,
                            observer);
            NDArray logits =
                    switch (base.family()) {
                        case SequenceClassifier model -> model.classify(pass, batch);
                        case CausalLanguageModel model ->
                                model.logits(pass, model.states(pass, batch));
                        case TextToTextModel model -> {
                            TokenBatch target =
                                    TokenBatch.of(Goldens.targets(inputs), workspace, precision);
                            TextToTextModel.Encoded encoded = model.encode(pass, batch);
                            yield model.logits(pass, model.decode(pass, encoded, target));
                        }
                    };
            return logits.toFloatArray();
        }
    }

    /** Compares what belongs to tokens; what belongs to padding is of no use. */
    void compareLogits(float[] actual, float[] expected) {
        compareLogits(actual, expected, false);
    }

    /**
     * @param left whether ours are padded on the left; the goldens say themselves what is padding
     */
    void compareLogits(float[] actual, float[] expected, boolean left) {
        if (!(base.family() instanceof CausalLanguageModel)) { // T5 reads padding of the target too
            assertThat(actual).hasSameSizeAs(expected);
            compare(actual, 0, expected, 0, actual.length);
            return;
        }
        long[] mask = Goldens.mask(inputs);
        int vocabulary = base.structure().vocabulary();
        int rows = batch().length;
        int theirTime = mask.length / rows; // may be more than the longest text has
        int ourTime = actual.length / rows / vocabulary;
        for (int row = 0; row < rows; row++) {
            int from = row * theirTime;
            int length = (int) Arrays.stream(mask, from, from + theirTime).sum();
            int ours = row * ourTime + (left ? ourTime - length : 0);
            int theirs = from + Goldens.firstToken(mask, from);
            compare(actual, ours * vocabulary, expected, theirs * vocabulary, length * vocabulary);
        }
    }

    /** Piece by piece: the time that AssertJ takes grows with the square of the length. */
    private static void compare(float[] actual, int ours, float[] expected, int theirs, int count) {
        for (int from = 0; from < count; from += PIECE) {
            int to = Math.min(from + PIECE, count);
            assertThat(Arrays.copyOfRange(actual, ours + from, ours + to))
                    .containsExactly(
                            Arrays.copyOfRange(expected, theirs + from, theirs + to),
                            within(1e-4f));
        }
    }

    @Override
    public void close() {
        base.close();
    }
}
