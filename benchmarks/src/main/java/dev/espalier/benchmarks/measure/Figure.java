package dev.espalier.benchmarks.measure;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A figure that a goal can ask for, by its name in the report. */
public enum Figure {
    ACCURACY("accuracy", result -> result.figures().accuracy()),
    PERPLEXITY("perplexity", result -> result.figures().perplexity()),
    SPARSITY("sparsity", result -> result.figures().sparsity()),
    BLEU("bleu", result -> result.figures().bleu()),
    ROUGE_L("rougeL", result -> result.figures().rougeL()),
    BYTES_UP("bytesUp", result -> (double) result.figures().bytesUp()),
    ATTENTION_MACS("attentionMacs", result -> (double) result.figures().attentionMacs()),
    TRAIN_SECONDS("trainSeconds", result -> result.figures().trainSeconds()),
    ROUNDS_TO_TARGET("roundsToTarget", Result::roundsToTarget);

    private final String inReport;
    private final Function<Result, @Nullable Double> reader;

    Figure(String inReport, Function<Result, @Nullable Double> reader) {
        this.inReport = inReport;
        this.reader = reader;
    }

    public String inReport() {
        return inReport;
    }

    /** Absent where it was not measured, or never reached. */
    @Nullable Double of(Result result) {
        return reader.apply(result);
    }
}
