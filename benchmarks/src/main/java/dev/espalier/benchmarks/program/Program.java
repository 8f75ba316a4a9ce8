package dev.espalier.benchmarks.program;

import dev.espalier.local.Espalier;
import picocli.CommandLine;

/** What the launcher script starts: all commands, experiments included. */
public final class Program {

    private Program() {}

    public static void main(String... arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine all = Espalier.commandLine();
        all.addSubcommand(new ExperimentCommand());
        // for the added ones too
        return all.setExecutionExceptionHandler(all.getExecutionExceptionHandler())
                .setUsageHelpAutoWidth(true);
    }
}
