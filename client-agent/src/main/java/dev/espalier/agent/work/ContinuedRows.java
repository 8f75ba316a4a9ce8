package dev.espalier.agent.work;

import dev.espalier.agent.data.TextEncoding;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.head.ConfidenceSettings;
import dev.espalier.lm.head.HeadConfidence;
import dev.espalier.lm.head.HeadScores;
import dev.espalier.lm.metric.LanguageEvaluation;
import dev.espalier.lm.prune.Calibration;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.lm.train.HeadImportance;
import dev.espalier.lm.train.LanguageModelEvaluator;
import dev.espalier.lm.train.LanguageModelTrainer;
import dev.espalier.lm.train.TrainingCheckpoint;
import dev.espalier.lm.train.TrainingRun;
import dev.espalier.lm.train.TrainingSettings;
import java.io.IOException;
import java.util.List;

/**
 * Windows of running text, all of one length, so that no batch is padded.
 *
 * @param windows 1 or more
 */
record ContinuedRows(List<LanguageExample> windows) implements LocalRows {

    /**
     * @throws CannotDoException if there are none
     */
    static ContinuedRows of(List<LanguageExample> windows, TextEncoding encoding) {
        if (windows.isEmpty()) {
            throw new CannotDoException(
                    "the texts together have fewer tokens than one window of %d; set a shorter"
                                    .formatted(encoding.maxLength())
                            + " task.maxLength or hold more text");
        }
        return new ContinuedRows(windows);
    }

    @Override
    public int size() {
        return windows.size();
    }

    /** Windows that are read at a time. */
    int batch() {
        return LocalRows.together(windows.getFirst().tokens().length());
    }

    @Override
    public TrainingRun begin(TrainedPart part, TrainingSettings settings) {
        return trainer(part, settings).begin(part.model().weights(), windows);
    }

    @Override
    public TrainingRun resume(
            TrainedPart part, TrainingSettings settings, TrainingCheckpoint checkpoint) {
        return trainer(part, settings).resume(checkpoint, windows);
    }

    private static LanguageModelTrainer trainer(TrainedPart part, TrainingSettings settings) {
        ReadyModel model = part.model();
        return new LanguageModelTrainer(model.base(), model.adapter(), settings, part.trained());
    }

    @Override
    public Loss loss(AnyModel model, int from, int to) {
        List<LanguageExample> slice = windows.subList(from, to);
        LanguageModelEvaluator evaluator = new LanguageModelEvaluator(model.base(), batch());
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
        return Calibration.texts(texts());
    }

    @Override
    public HeadScores confidence(ReadyModel model, ConfidenceSettings settings, int batch)
            throws IOException {
        return new HeadConfidence(model.base(), settings, model.base().textEnds(), batch)
                .measure(model.adapter(), model.weights(), texts());
    }

    @Override
    public HeadScores importance(ReadyModel model, int batch) {
        return HeadImportance.ofTokens(model.base(), windows)
                .measure(model.adapter(), model.weights(), batch);
    }

    @Override
    public List<BatchShape> shapes(int batch) {
        return BatchShapes.ofTexts(texts(), batch);
    }

    @Override
    public List<BatchShape> shapesInOrder(int batch) {
        return shapes(batch);
    }

    private List<TokenSequence> texts() {
        return windows.stream().map(LanguageExample::tokens).toList();
    }
}
