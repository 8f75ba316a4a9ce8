package dev.espalier.benchmarks.training;

import dev.espalier.lm.compute.Compute;
import java.io.IOException;
import java.nio.file.Path;

/** Measures what it is told to, in one thread per operation, and writes the page. */
final class Measure {

    private Measure() {}

    /**
     * @param args folder of this module, what to measure and, if not the usual ones, how many turns
     *     of how many steps
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path benchmarks = Path.of(args[0]);
        Rounds rounds =
                args.length < 4
                        ? Rounds.USUAL
                        : new Rounds(Integer.parseInt(args[3]), Integer.parseInt(args[2]));
        Compute.useThreads(1);
        switch (args[1]) {
            case "training" -> TrainingBenchmark.run(benchmarks, rounds);
            case "head-removal" -> HeadRemovalBenchmark.run(benchmarks, rounds);
            default -> throw new IllegalArgumentException("nothing to measure: " + args[1]);
        }
    }
}
