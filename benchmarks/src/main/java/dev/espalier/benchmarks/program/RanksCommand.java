package dev.espalier.benchmarks.program;

import dev.espalier.benchmarks.ranks.RankSize;
import dev.espalier.benchmarks.ranks.RanksExperiment;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Reads the options of the experiment on ranks and runs it. */
@Command(
        name = "ranks",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Clients of different strength train different components of one adapter.",
            "MiniLM on 20 Newsgroups, ten clients in three tiers. One agent computes at a time."
        })
final class RanksCommand implements Callable<Integer> {

    @Mixin private RunOptions options = new RunOptions();

    @Override
    public Integer call() throws Exception {
        RankSize scale = options.sized(RankSize.QUICK, RankSize.DEFAULT, RankSize.FULL);
        return options.run((data, models) -> new RanksExperiment(scale, data, models));
    }
}
