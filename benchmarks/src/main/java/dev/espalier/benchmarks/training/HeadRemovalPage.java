package dev.espalier.benchmarks.training;

import java.util.Locale;
import java.util.Map;

/** The page with what {@link HeadRemovalBenchmark} measured. */
record HeadRemovalPage(String machine, Rounds rounds) {

    /**
     * Operations of a run.
     *
     * @param method as {@code ModelCost} counts
     * @param computed as {@link ComputedMacs} counts
     */
    record Macs(long method, long computed) {}

    String head() {
        return """
        # Training with heads removed

        Written by the command that measured it:

        ```shell
        OMP_WAIT_POLICY=PASSIVE mvn -q -Pmeasure -pl benchmarks -am verify -DskipTests -Dmeasure=head-removal
        ```

        A whole local training of MiniLM (6 layers, 384 wide, 12 heads, feed-forward 1536): three epochs over 48 texts of
        full length, batch 16, LoRA r 8 on query and value of the layers that have heads, classifier, f32, one thread,
        `OMP_WAIT_POLICY=PASSIVE`. No layer is dropped: a layer without heads still adds its bias and its feed-forward
        sublayer, so every row is exact for the model it names. Which heads are kept does not matter for the time, only
        how many of each layer: spread 6,6,6,6,6,6 and 1,1,1,1,2,2; concentrated 0,0,0,12,12,12 and 0,0,0,0,0,8.
        Contenders take turns, %d each after one to warm up; processor time of the whole process.

        * "Method" are the operations that the method costs, as the platform reports them (`ModelCost`).
        * "Computed" are those that are really done (`ComputedMacs`): no backward pass below the lowest adapter, of the
          last layer only the row that is read, and what frozen layers below the lowest adapter make of a text only once
          in all epochs. All heads have these savings too, where they apply.
        * Machine: %s at the end.
        """
                .formatted(rounds.turns(), machine);
    }

    static String table(int length, Map<String, Series> found, Map<String, Macs> counted) {
        StringBuilder table = new StringBuilder();
        table.append("\n## %d tokens\n\n".formatted(length));
        table.append(
                        "| heads removed | CPU s per run, median | times faster, median | at the"
                                + " least")
                .append(" | wall, times faster | method GMAC | times fewer | computed GMAC")
                .append(
                        " | times fewer | last loss |\n"
                                + "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        Map.Entry<String, Series> dense = found.entrySet().iterator().next();
        found.forEach((name, series) ->
                table.append(
                        row(
                                name,
                                series,
                                dense.getValue(),
                                of(counted, name),
                                of(counted, dense.getKey()))));
        return table.toString();
    }

    private static Macs of(Map<String, Macs> counted, String name) {
        Macs macs = counted.get(name);
        if (macs == null) {
            throw new IllegalArgumentException("nothing was counted of " + name);
        }
        return macs;
    }

    private static String row(String name, Series series, Series dense, Macs macs, Macs all) {
        return String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f | %.1f | %.2f | %.1f | %.2f | %.4f |%n",
                name,
                series.median(Spent::cpuMillis) / 1e3,
                dense.median(Spent::cpuMillis) / series.median(Spent::cpuMillis),
                dense.least(Spent::cpuMillis) / series.least(Spent::cpuMillis),
                dense.median(Spent::wallMillis) / series.median(Spent::wallMillis),
                macs.method() / 1e9,
                (double) all.method() / macs.method(),
                macs.computed() / 1e9,
                (double) all.computed() / macs.computed(),
                series.firstLoss());
    }
}
