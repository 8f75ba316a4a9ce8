package dev.espalier.benchmarks.report;

/**
 * Where an experiment was run.
 *
 * @param processor as the system names it
 * @param cores that this process may use
 */
public record Machine(String processor, int cores, String system, String java) {

    public static Machine here() {
        return new Machine(
                Processor.here().name(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
    }
}
