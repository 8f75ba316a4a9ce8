package dev.espalier.benchmarks.measure;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A figure that a goal can ask for, by its name in the report. */
public enum Figure {
    ACCURACY("accuracy", Figures::accuracy),
    BLEU("bleu", Figures::bleu),
    ROUGE_L("rougeL", Figures::rougeL),
    BYTES_UP("bytesUp", figures -> (double) figures.bytesUp()),
    ATTENTION_MACS("attentionMacs", figures -> (double) figures.attentionMacs()),
    TRAIN_SECONDS("trainSeconds", Figures::trainSeconds);

    private final String inReport;
    private final Function<Figures, @Nullable Double> reader;

    Figure(String inReport, Function<Figures, @Nullable Double> reader) {
        this.inReport = inReport;
        this.reader = reader;
    }

    public String inReport() {
        return inReport;
    }

    /** Absent where it was not measured. */
    @Nullable Double of(Figures figures) {
        return reader.apply(figures);
    }
}
