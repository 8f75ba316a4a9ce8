package dev.espalier.local;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The program {@code espalier}. */
@Command(
        name = "espalier",
        description =
                "Fine-tunes language models across organisations whose text may not leave them.",
        mixinStandardHelpOptions = true,
        versionProvider = Espalier.Version.class,
        subcommands = {DemoCommand.class, UpCommand.class, ImportCommand.class},
        synopsisSubcommandLabel = "COMMAND")
public final class Espalier {

    /** For picocli alone. */
    Espalier() {}

    public static void main(String... arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** All commands; whoever knows more adds them. */
    public static CommandLine commandLine() {
        return new CommandLine(new Espalier())
                .setExecutionExceptionHandler(Espalier::say)
                .setUsageHelpAutoWidth(true);
    }

    /** Expected trouble is one line; the stack trace of a surprise helps whoever mends it. */
    private static int say(
            Exception trouble, CommandLine command, CommandLine.ParseResult arguments) {
        if (trouble instanceof IOException || trouble instanceof IllegalArgumentException) {
            command.getErr().println("espalier: " + trouble.getMessage());
        } else {
            trouble.printStackTrace(command.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** As the jar says it. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Espalier.class.getPackage().getImplementationVersion();
            return new String[] {"espalier " + (version == null ? "(from sources)" : version)};
        }
    }
}
