package dev.espalier.benchmarks.program;

import dev.espalier.benchmarks.heads.HeadSize;
import dev.espalier.benchmarks.heads.HeadsExperiment;
import dev.espalier.local.HomeOption;
import dev.espalier.local.Terminal;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.transfer.Sleeper;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

    @Mixin private HomeOption home = new HomeOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            required = true,
            description =
                    "Holds the folders 20newsgroups, nli_ling_in_loop, mnli and e2e_nlg; see"
                            + " benchmarks/README.md.")
    private Path data = Path.of("");

    @ArgGroup private Size size = new Size();

    /** At most one of them. */
    static final class Size {

        @Option(
                names = "--quick",
                description = "At most 30 minutes on two cores: only what a goal compares.")
        private boolean quick;

        @Option(names = "--full", description = "A night: three seeds, all rounds, all examples.")
        private boolean full;
    }

    @Option(
            names = "--plan",
            description = "Say how long every arm will take on this machine, and end.")
    private boolean plan;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write the results as JSON there too.")
    private @Nullable Path report;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            defaultValue = "../shared/models/t5-denoise",
            description =
                    "A T5 folder for the texts; left out where there is none. Default:"
                            + " ${DEFAULT-VALUE}")
    private Path model = Path.of("");

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        HomeFolder kept = home.open();
        HeadSize scale = size.quick ? HeadSize.QUICK : size.full ? HeadSize.FULL : HeadSize.DEFAULT;
        HeadsExperiment experiment = new HeadsExperiment(scale, data, kept.models(), model);
        ExperimentRun run =
                new ExperimentRun(
                        experiment,
                        kept,
                        Terminal.display(),
                        InstantSource.system(),
                        Sleeper.real(),
                        System::nanoTime);
        if (plan) {
            run.plan();
            return ExitCode.OK;
        }
        return run.run(command(), report) ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private String command() {
        List<String> arguments =
                spec == null
                        ? List.of()
                        : spec.root().commandLine().getParseResult().originalArgs();
        return "./espalier " + String.join(" ", arguments);
    }
}
