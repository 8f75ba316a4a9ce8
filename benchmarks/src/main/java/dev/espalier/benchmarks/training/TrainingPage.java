package dev.espalier.benchmarks.training;

import java.util.Locale;
import java.util.Map;

/** The page with what {@link TrainingBenchmark} measured. */
record TrainingPage(String machine, String pytorch, Rounds rounds) {

    static final String PYTORCH = "PyTorch, f32, the same work";
    static final String PYTORCH_ALL_ROWS = "PyTorch, f32, as transformers does it";
    static final String PYTORCH_AUTOCAST = "PyTorch, its own bf16 (autocast)";
    static final String OURS = "ours, f32";
    static final String OURS_BFLOAT16 = "ours, bf16";

    private static final String COMMAND =
            "OMP_WAIT_POLICY=PASSIVE mvn -q -Pmeasure -pl benchmarks -am verify -DskipTests"
                    + " -Dmeasure=training";

    String text(Map<Integer, Map<String, Series>> found) {
        StringBuilder page = new StringBuilder(head());
        found.forEach((length, contenders) -> page.append(table(length, contenders)));
        return page.toString();
    }

    private String head() {
        return """
        # A training step beside plain PyTorch

        Written by the command that measured it:

        ```shell
        %s
        ```

        One optimiser step of MiniLM (BERT: 6 layers, 384 wide, 12 heads, feed-forward 1536) with LoRA r 8 on query and
        value and a trained classifier, batch 16, no dropout, AdamW, gradients clipped. All contenders start from the
        same weights and the same adapter and train the same made-up texts, in one thread, `OMP_WAIT_POLICY=PASSIVE`,
        and take turns: %d turns of %d steps each, after one to warm up. The time that counts on a shared machine is the
        processor time of the whole process, of ours with Java's compiler and collector. The losses at the end of the
        first turn show that all did the same.

        * Machine: %s at the end.
        * Ours: %s. PyTorch: Python, %s (`pytorch/training_step.py`), its BLAS as installed.
        * "The same work": of the last layer only the row that the classifier reads, as ours. transformers computes all.
        """
                .formatted(
                        COMMAND,
                        rounds.turns(),
                        rounds.steps(),
                        machine,
                        MachineInWords.engine(),
                        pytorch);
    }

    private static String table(int length, Map<String, Series> contenders) {
        Series baseline = contenders.get(PYTORCH);
        if (baseline == null) {
            throw new IllegalArgumentException("nothing to compare with");
        }
        StringBuilder table = new StringBuilder();
        table.append("\n## %d tokens\n\n".formatted(length));
        table.append("| | CPU ms per step, median | least | of PyTorch's, median | least")
                .append(" | wall ms, median | loss |\n|---|---:|---:|---:|---:|---:|---:|\n");
        contenders.forEach((name, series) -> table.append(row(name, series, baseline)));
        return table.toString();
    }

    private static String row(String name, Series series, Series baseline) {
        double median = series.median(Spent::cpuMillis);
        double least = series.least(Spent::cpuMillis);
        return String.format(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.2f | %.2f | %.0f | %.4f |%n",
                name,
                median,
                least,
                median / baseline.median(Spent::cpuMillis),
                least / baseline.least(Spent::cpuMillis),
                series.median(Spent::wallMillis),
                series.firstLoss());
    }
}
