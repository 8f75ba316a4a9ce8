package dev.espalier.benchmarks.program;

import dev.espalier.benchmarks.prune.PruneExperiment;
import dev.espalier.benchmarks.prune.PruneSize;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads the options of the experiment on pruning and runs it. */
@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Many owners prune one language model together, and heal it.",
            "A decoder on WikiText-2, eight clients; but for --quick also four and sixteen. One"
                    + " agent computes at a time."
        })
final class PruneCommand implements Callable<Integer> {

    @Mixin private RunOptions options = new RunOptions();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description =
                    "A decoder's Hugging Face folder; one with stories that it wrote is pruned on"
                            + " these.")
    private Path model = Path.of("");

    @Override
    public Integer call() throws Exception {
        PruneSize scale = options.sized(PruneSize.QUICK, PruneSize.DEFAULT, PruneSize.FULL);
        return options.run((data, models) -> new PruneExperiment(scale, data, model));
    }
}
