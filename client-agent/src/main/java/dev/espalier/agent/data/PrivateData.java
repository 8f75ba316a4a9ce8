package dev.espalier.agent.data;

import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.work.DataOffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One data set of one agent. Gives away what a {@link DataOffer} says, and token ids. */
public final class PrivateData {

    private final DataSettings settings;
    private final List<String> labels;
    private final TokenisedRows training;
    private final TokenisedRows heldOut;
    private final RunningText trainingText;
    private final RunningText heldOutText;

    PrivateData(DataSettings settings, List<String> labels, List<Row> training, List<Row> heldOut) {
        this.settings = settings;
        this.labels = labels;
        this.training = new TokenisedRows(training);
        this.heldOut = new TokenisedRows(heldOut);
        this.trainingText = new RunningText(training);
        this.heldOutText = new RunningText(heldOut);
    }

    /**
     * Reads the files.
     *
     * @throws DataUnusableException if something is wrong with them; says what, and never quotes
     */
    public static PrivateData open(DataSettings settings) {
        return DataLoading.load(settings);
    }

    public DataName name() {
        return settings.name();
    }

    /** All that a server may know. */
    public DataOffer offer() {
        return new DataOffer(
                settings.name(), settings.task(), labels, training.size(), heldOut.size());
    }

    /**
     * Examples to train on.
     *
     * @param labels of the task, in the order of its classes
     * @param most absent: all; else so many are drawn by the seed, and come in the order of the
     *     file
     * @throws LabelsDoNotFitException if there are rows with other labels than those of the task
     */
    public List<Example> trainingExamples(
            TextEncoding encoding, List<String> labels, long seed, @Nullable Integer most) {
        requireKnown(labels);
        return training.examples(encoding, labels, chosen(training.size(), seed, most));
    }

    /** Texts to learn to write, as {@link #trainingExamples}. */
    public List<TextToTextExample> trainingPairs(
            TextEncoding source, TextEncoding target, long seed, @Nullable Integer most) {
        requireTargets();
        return training.pairs(source, target, chosen(training.size(), seed, most));
    }

    /**
     * Windows of the joined texts to learn to continue, as {@link #trainingExamples}; none where
     * all texts together are shorter than one.
     *
     * @param encoding whose length is that of a window
     */
    public List<LanguageExample> trainingWindows(
            TextEncoding encoding, long seed, @Nullable Integer most) {
        require(TaskKind.CAUSAL_LANGUAGE_MODELLING);
        return trainingText.windows(encoding, chosen(trainingText.windows(encoding), seed, most));
    }

    private static int[] chosen(int size, long seed, @Nullable Integer most) {
        int[] rows = IntStream.range(0, size).toArray();
        return most != null && most < rows.length ? drawn(rows, new Random(seed), most) : rows;
    }

    /** The first steps of a Fisher-Yates shuffle. */
    private static int[] drawn(int[] rows, Random chance, int most) {
        for (int i = 0; i < most; i++) {
            int j = i + chance.nextInt(rows.length - i);
            int row = rows[j];
            rows[j] = rows[i];
            rows[i] = row;
        }
        int[] drawn = Arrays.copyOf(rows, most);
        Arrays.sort(drawn);
        return drawn;
    }

    /**
     * All examples that are held out.
     *
     * @throws LabelsDoNotFitException if there are rows with other labels than those of the task
     */
    public List<Example> heldOutExamples(TextEncoding encoding, List<String> labels) {
        requireKnown(labels);
        return heldOut.examples(encoding, labels, IntStream.range(0, heldOut.size()).toArray());
    }

    /** All texts that are held out, with what is to be written after them. */
    public HeldOutTexts heldOutTexts(TextEncoding source, TextEncoding target) {
        requireTargets();
        return HeldOutTexts.of(heldOut, source, target);
    }

    /**
     * All windows of the joined texts that are held out; none where these are shorter than one.
     *
     * @param encoding whose length is that of a window
     */
    public List<LanguageExample> heldOutWindows(TextEncoding encoding) {
        require(TaskKind.CAUSAL_LANGUAGE_MODELLING);
        return heldOutText.windows(encoding, chosen(heldOutText.windows(encoding), 0, null));
    }

    private void requireKnown(List<String> known) {
        require(TaskKind.SEQUENCE_CLASSIFICATION);
        if (!known.containsAll(labels)) {
            throw new LabelsDoNotFitException(settings.name(), labels, known);
        }
    }

    private void requireTargets() {
        require(TaskKind.TEXT_TO_TEXT);
    }

    private void require(TaskKind asked) {
        if (settings.task() != asked) {
            throw new IllegalStateException("the data is for " + settings.task());
        }
    }
}
