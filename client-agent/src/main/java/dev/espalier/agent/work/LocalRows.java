package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.data.TextEncoding;
import dev.espalier.agent.model.BaseModels;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.head.ConfidenceSettings;
import dev.espalier.lm.head.HeadConfidence;
import dev.espalier.lm.head.HeadScores;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.prune.Calibration;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.lm.train.ClassificationTrainer;
import dev.espalier.lm.train.Evaluator;
import dev.espalier.lm.train.HeadImportance;
import dev.espalier.lm.train.TextToTextEvaluator;
import dev.espalier.lm.train.TextToTextTrainer;
import dev.espalier.lm.train.TrainingCheckpoint;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.protocol.work.Assignment;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows to train on, as the library takes them, whatever the task. Immutable. */
sealed interface LocalRows permits LocalRows.Labelled, LocalRows.Written, ContinuedRows {

    int BATCH = 32;

    /** Read at a time without a gradient: as many as classifying reads. */
    int TOKENS = 4096;

    /** How many rows of that many tokens are read at a time: long ones take more memory. */
    static int together(int tokens) {
        return Math.clamp(TOKENS / tokens, 1, BATCH);
    }

    int size();

    /** Starts to train; no step is done yet. */
    TrainingRun begin(TrainedPart part, TrainingSettings settings);

    /**
     * Goes on as if it had not stopped.
     *
     * @throws IllegalArgumentException if the checkpoint is of another run
     */
    TrainingRun resume(TrainedPart part, TrainingSettings settings, TrainingCheckpoint checkpoint);

    /**
     * The loss on some of these rows, in batches of rows of about one length.
     *
     * @param from number of the first, by length
     * @param to number behind the last, by length
     */
    Loss loss(AnyModel model, int from, int to);

    /** Scores heads by their largest attentions, in batches of rows of about one length. */
    HeadScores confidence(ReadyModel model, ConfidenceSettings settings, int batch)
            throws IOException;

    /** Scores heads by what the loss would lose with them, in batches in the order of the rows. */
    HeadScores importance(ReadyModel model, int batch);

    /** All of them, to be read by a pruner. */
    Calibration calibration();

    /** The batches of all rows, those of about one length together. */
    List<BatchShape> shapes(int batch);

    /** The batches of all rows in their order. */
    List<BatchShape> shapesInOrder(int batch);

    /**
     * A mean, and how much it counts.
     *
     * @param mean nats per example where classes are told apart, else per token
     * @param predictions examples or tokens
     */
    record Loss(double mean, long predictions) {

        static final Loss NONE = new Loss(0, 0);

        Loss plus(Loss other) {
            long all = predictions + other.predictions;
            return new Loss((mean * predictions + other.mean * other.predictions) / all, all);
        }
    }

    /**
     * The rows that an assignment may train on.
     *
     * @param most absent: all; else so many, drawn by the seed
     * @throws CannotDoException if there are none
     */
    static LocalRows of(
            Assignment assignment,
            PrivateData data,
            BaseModels.Lease base,
            long seed,
            @Nullable Integer most) {
        LocalRows rows =
                switch (assignment.task().kind()) {
                    case SEQUENCE_CLASSIFICATION ->
                            new Labelled(
                                    data.trainingExamples(
                                            TaskRules.encoding(assignment, base),
                                            assignment.task().labels(),
                                            seed,
                                            most));
                    case TEXT_TO_TEXT ->
                            new Written(
                                    data.trainingPairs(
                                            TaskRules.encoding(assignment, base),
                                            TaskRules.targetEncoding(assignment, base),
                                            seed,
                                            most));
                    case CAUSAL_LANGUAGE_MODELLING -> {
                        TextEncoding encoding = TaskRules.encoding(assignment, base);
                        yield ContinuedRows.of(
                                data.trainingWindows(encoding, seed, most), encoding);
                    }
                };
        if (rows.size() == 0) {
            throw new CannotDoException("there is no row to train on");
        }
        return rows;
    }

    /** Texts with their classes. */
    record Labelled(List<Example> examples) implements LocalRows {

        @Override
        public int size() {
            return examples.size();
        }

        @Override
        public TrainingRun begin(TrainedPart part, TrainingSettings settings) {
            return trainer(part, settings).begin(part.model().weights(), examples);
        }

        @Override
        public TrainingRun resume(
                TrainedPart part, TrainingSettings settings, TrainingCheckpoint checkpoint) {
            return trainer(part, settings).resume(checkpoint, examples);
        }

        private static ClassificationTrainer trainer(TrainedPart part, TrainingSettings settings) {
            ReadyModel model = part.model();
            return new ClassificationTrainer(
                    model.base(), model.adapter(), settings, part.trained());
        }

        @Override
        public Loss loss(AnyModel model, int from, int to) {
            ReadyModel ready = model.adapted();
            List<Example> slice = byLength().subList(from, to);
            Evaluator evaluator = new Evaluator(ready.base(), ready.adapter(), BATCH);
            return new Loss(evaluator.evaluate(ready.weights(), slice).loss(), slice.size());
        }

        @Override
        public Calibration calibration() {
            return Calibration.texts(texts(examples));
        }

        @Override
        public HeadScores confidence(ReadyModel model, ConfidenceSettings settings, int batch)
                throws IOException {
            return new HeadConfidence(model.base(), settings, model.base().textEnds(), batch)
                    .measure(model.adapter(), model.weights(), texts(examples));
        }

        @Override
        public HeadScores importance(ReadyModel model, int batch) {
            return HeadImportance.ofClasses(model.base(), model.adapter(), examples)
                    .measure(model.adapter(), model.weights(), batch);
        }

        @Override
        public List<BatchShape> shapes(int batch) {
            return BatchShapes.ofTexts(texts(byLength()), batch);
        }

        @Override
        public List<BatchShape> shapesInOrder(int batch) {
            return BatchShapes.ofTexts(texts(examples), batch);
        }

        private List<Example> byLength() {
            return examples.stream()
                    .sorted(Comparator.comparingInt(e -> e.tokens().length()))
                    .toList();
        }

        private static List<TokenSequence> texts(List<Example> examples) {
            return examples.stream().map(Example::tokens).toList();
        }
    }

    /** Texts with what is to be written after them. */
    record Written(List<TextToTextExample> pairs) implements LocalRows {

        @Override
        public int size() {
            return pairs.size();
        }

        @Override
        public TrainingRun begin(TrainedPart part, TrainingSettings settings) {
            return trainer(part, settings).begin(part.model().weights(), pairs);
        }

        @Override
        public TrainingRun resume(
                TrainedPart part, TrainingSettings settings, TrainingCheckpoint checkpoint) {
            return trainer(part, settings).resume(checkpoint, pairs);
        }

        private static TextToTextTrainer trainer(TrainedPart part, TrainingSettings settings) {
            ReadyModel model = part.model();
            return new TextToTextTrainer(model.base(), model.adapter(), settings, part.trained());
        }

        @Override
        public Loss loss(AnyModel model, int from, int to) {
            List<TextToTextExample> slice = byLength().subList(from, to);
            TextToTextEvaluator evaluator = new TextToTextEvaluator(model.base(), BATCH);
            LanguageEvaluation found =
                    switch (model) {
                        case AnyModel.Bare _ -> evaluator.evaluate(slice);
                        case ReadyModel ready ->
                                evaluator.evaluate(ready.adapter(), ready.weights(), slice);
                    };
            return new Loss(found.loss(), found.predictions());
        }

        @Override
        public Calibration calibration() {
            return Calibration.pairs(pairs);
        }

        @Override
        public HeadScores confidence(ReadyModel model, ConfidenceSettings settings, int batch)
                throws IOException {
            return new HeadConfidence(model.base(), settings, model.base().textEnds(), batch)
                    .measurePairs(model.adapter(), model.weights(), pairs);
        }

        @Override
        public HeadScores importance(ReadyModel model, int batch) {
            return HeadImportance.ofPairs(model.base(), pairs)
                    .measure(model.adapter(), model.weights(), batch);
        }

        @Override
        public List<BatchShape> shapes(int batch) {
            return BatchShapes.ofPairs(byLength(), batch);
        }

        @Override
        public List<BatchShape> shapesInOrder(int batch) {
            return BatchShapes.ofPairs(pairs, batch);
        }

        private List<TextToTextExample> byLength() {
            return pairs.stream()
                    .sorted(Comparator.comparingInt(TextToTextExample::targetLength))
                    .toList();
        }
    }
}
