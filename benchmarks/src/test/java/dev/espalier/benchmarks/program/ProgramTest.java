package dev.espalier.benchmarks.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ProgramTest {

    @TempDir Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(strings = {"demo", "up", "import", "experiment"})
    void everyCommandIsThere(String command) {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("  " + command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--data", "--quick", "--full", "--plan", "--report", "--model", "--home"})
    void theExperimentOnHeadsHasTheOption(String option) {
        assertThat(run("experiment", "heads", "--help")).isZero();

        assertThat(out.toString()).contains(option);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--data", "--quick", "--full", "--plan", "--report", "--home"})
    void theExperimentOnRanksHasTheOption(String option) {
        assertThat(run("experiment", "ranks", "--help")).isZero();

        assertThat(out.toString()).contains(option);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--data", "--quick", "--full", "--plan", "--report", "--model", "--home"})
    void theExperimentOnPruningHasTheOption(String option) {
        assertThat(run("experiment", "prune", "--help")).isZero();

        assertThat(out.toString()).contains(option);
    }

    @ParameterizedTest
    @ValueSource(strings = {"heads", "ranks", "prune"})
    void anExperimentNeedsDataAndOneSize(String experiment) {
        assertThat(run("experiment", experiment)).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("experiment", experiment, "--data=x", "--quick", "--full"))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("experiment")).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    @Test
    void anUnknownExperimentIsAMistakeOfTheCaller() {
        assertThat(run("experiment", "bogus")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("bogus");
    }

    private int run(String... arguments) {
        return Program.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}
