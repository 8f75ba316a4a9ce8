package dev.espalier.benchmarks.program;

import dev.espalier.benchmarks.experiment.Experiment;
import dev.espalier.local.HomeOption;
import dev.espalier.local.Terminal;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every experiment can be told. */
final class RunOptions {

    @Mixin private HomeOption home = new HomeOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            required = true,
            description = "Holds the folders of the data sets; see benchmarks/README.md.")
    private Path data = Path.of("");

    @ArgGroup private Size size = new Size();

    /** At most one of them. */
    static final class Size {

        @Option(
                names = "--quick",
                description = "At most 30 minutes on two cores: only what a goal compares.")
        private boolean quick;

        @Option(names = "--full", description = "A night: three seeds, more rounds and examples.")
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

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** Makes an experiment. */
    @FunctionalInterface
    interface Made {

        /**
         * @param data holds the folders of the data sets
         * @param models where base models are kept
         */
        Experiment of(Path data, Path models);
    }

    /** The one of three that was asked for. */
    <T> T sized(T quick, T usual, T full) {
        return size.quick ? quick : size.full ? full : usual;
    }

    /** Plans it or runs it; gives the exit code. */
    int run(Made made) throws IOException, InterruptedException {
        HomeFolder kept = home.open();
        ExperimentRun run =
                new ExperimentRun(
                        made.of(data, kept.models()),
                        kept,
                        Terminal.display(),
                        InstantSource.system(),
                        Sleeper.real(),
                        System::nanoTime);
        if (plan) {
            run.plan();
            return ExitCode.OK;
        }
        return run.run(words(), report) ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private String words() {
        List<String> arguments =
                command == null
                        ? List.of()
                        : command.root().commandLine().getParseResult().originalArgs();
        return "./espalier " + String.join(" ", arguments);
    }
}
