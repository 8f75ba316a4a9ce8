package dev.espalier.benchmarks.program;

import dev.espalier.benchmarks.heads.HeadSize;
import dev.espalier.benchmarks.heads.HeadsExperiment;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads the options of the experiment on heads and runs it. */
@Command(
        name = "heads",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Attention heads pruned by confidence, against dense federated averaging.",
            "MiniLM on 20 Newsgroups; but for --quick also on inference pairs, and a T5 that"
                    + " writes E2E texts. One agent computes at a time, with one thread."
        })
final class HeadsCommand implements Callable<Integer> {

    @Mixin private RunOptions options = new RunOptions();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            defaultValue = "../shared/models/t5-denoise",
            description =
                    "A T5 folder for the texts; left out where there is none. Default:"
                            + " ${DEFAULT-VALUE}")
    private Path model = Path.of("");

    @Override
    public Integer call() throws Exception {
        HeadSize scale = options.sized(HeadSize.QUICK, HeadSize.DEFAULT, HeadSize.FULL);
        return options.run((data, models) -> new HeadsExperiment(scale, data, models, model));
    }
}
