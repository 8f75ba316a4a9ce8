package dev.espalier.agent.work;

import dev.espalier.agent.journal.Page;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Perplexity;

/**
 * How well a text is foretold token by token: the mean loss over all windows, and e to it
 * (algorithms.md C.5).
 */
final class ContinuationMeasurement implements Measurement {

    /** Between two looks at whether to go on. */
    private static final int BATCHES = 4;

    private final AnyModel model;
    private final ContinuedRows windows;
    private LocalRows.Loss loss = LocalRows.Loss.NONE;

    ContinuationMeasurement(AnyModel model, ContinuedRows windows) {
        this.model = model;
        this.windows = windows;
    }

    @Override
    public int steps() {
        return windows.size();
    }

    @Override
    public int measure(int from) {
        int to = Math.min(from + BATCHES * windows.batch(), windows.size());
        loss = loss.plus(windows.loss(model, from, to));
        return to;
    }

    @Override
    public Outcome.Evaluated outcome(Page.Notes notes) {
        double mean = LossRules.requireNumber(loss.mean());
        return new Outcome.Evaluated(
                windows.size(),
                mean,
                null,
                null,
                null,
                null,
                Perplexity.of(mean),
                loss.predictions(),
                notes.bytesDown(),
                notes.baseBytesDown());
    }

    @Override
    public void close() {}
}
