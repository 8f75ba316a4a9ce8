package dev.espalier.benchmarks.program;

import picocli.CommandLine.Command;

/** Names the experiments that there are. */
@Command(
        name = "experiment",
        mixinStandardHelpOptions = true,
        description = {
            "Compares ways to train, each an ordinary job on a federation on this machine.",
            "Told to end, it goes on from where it was when it is started again."
        },
        subcommands = {HeadsCommand.class, RanksCommand.class, PruneCommand.class},
        synopsisSubcommandLabel = "EXPERIMENT")
final class ExperimentCommand {}
