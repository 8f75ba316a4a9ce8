package dev.espalier.agent.work;

import dev.espalier.agent.data.HeldOutTexts;
import dev.espalier.agent.journal.Page;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.generate.GenerationSettings;
import dev.espalier.lm.generate.TextToTextGenerator;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.protocol.work.Outcome;
import java.io.IOException;
import java.util.List;

/**
 * How well texts are written: the loss on every row, then BLEU and ROUGE-L of what is written after
 * each different text, token by likeliest token.
 */
final class WritingMeasurement implements Measurement {

    /** Between two looks at whether to go on. */
    private static final int SLICE = 4 * LocalRows.BATCH;

    private final AnyModel model;
    private final LocalRows.Written rows;
    private final List<TokenSequence> sources;
    private final HeldOutTexts.Scores scores;
    private final TextToTextGenerator generator;
    private final GenerationSettings greedy;
    private LocalRows.Loss loss = LocalRows.Loss.NONE;

    /**
     * @param longest text to write, in tokens
     */
    WritingMeasurement(AnyModel model, HeldOutTexts texts, int longest) throws IOException {
        this.model = model;
        this.rows = new LocalRows.Written(texts.pairs());
        this.sources = texts.sources();
        this.scores = texts.scores();
        this.greedy = GenerationSettings.greedy(longest, model.base().endTokens());
        this.generator =
                switch (model) {
                    case AnyModel.Bare(BaseModel base) -> TextToTextGenerator.of(base);
                    case ReadyModel ready ->
                            TextToTextGenerator.of(ready.base(), ready.adapter(), ready.weights());
                };
    }

    @Override
    public int steps() {
        return rows.size() + sources.size();
    }

    @Override
    public int measure(int from) {
        if (from < rows.size()) {
            int to = Math.min(from + SLICE, rows.size());
            loss = loss.plus(rows.loss(model, from, to));
            return to;
        }
        int source = from - rows.size();
        int[] written = generator.written(sources.get(source).ids(), greedy).tokens().ids();
        scores.add(source, written);
        return from + 1;
    }

    @Override
    public Outcome.Evaluated outcome(Page.Notes notes) {
        return new Outcome.Evaluated(
                rows.size(),
                LossRules.requireNumber(loss.mean()),
                null,
                null,
                scores.bleu(),
                scores.rougeL(),
                null,
                null,
                notes.bytesDown(),
                notes.baseBytesDown());
    }

    @Override
    public void close() {
        generator.close();
    }
}
