package dev.espalier.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {

    @TempDir Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(strings = {"demo", "up", "import"})
    void everyCommandExplainsItself(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString()).contains("Usage: espalier " + command).contains("--home");
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("  " + command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--data",
                "--clients",
                "--rounds",
                "--mails",
                "--length",
                "--epochs",
                "--seed",
                "--alpha",
                "--report",
                "--keep-running",
                "--home"
            })
    void theDemoHasTheOption(String option) {
        run("demo", "--help");

        assertThat(out.toString()).contains(option);
    }

    @ParameterizedTest
    @CsvSource({
        "--clients=0, --clients must be from 1 to 100",
        "--rounds=0, --rounds must be from 1 to 1000",
        "--mails=-1, --mails must be 0 (all) or more",
        "--length=7, --length must be from 8 to 512 tokens",
        "--epochs=0, --epochs must be from 1 to 100",
        "--alpha=0, --alpha must be above 0",
        "--alpha=NaN, --alpha must be above 0"
    })
    void aValueOutOfItsRangeIsNamedBeforeAnythingStarts(String option, String reason) {
        assertThat(run("demo", "--home=" + folder.resolve("home"), option)).isNotZero();
        assertThat(err.toString()).contains(reason);
        assertThat(folder.resolve("home")).doesNotExist();
    }

    @Test
    void anUnknownOptionIsAMistakeOfTheCaller() {
        assertThat(run("up", "--bogus")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--bogus");
    }

    @Test
    void noCommandIsAMistakeOfTheCaller() {
        assertThat(run()).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    @Test
    void aModelComesFromOnePlace() {
        assertThat(run("import")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("import", "--minilm", "--model=x")).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    private int run(String... arguments) {
        return Espalier.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}
