package dev.espalier.local;

import dev.espalier.local.demo.Demo;
import dev.espalier.local.demo.DemoOptions;
import dev.espalier.local.display.Display;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.LocalFederation;
import dev.espalier.local.federation.Ports;
import dev.espalier.transfer.Sleeper;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads the options of the demo and runs it. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Espalier.Version.class,
        description = {
            "Mail providers train one spam filter and show nobody their mail.",
            "Starts PostgreSQL, three services and the agents on this machine, runs a job over"
                + " HTTP, and compares the result with training alone and with pooling all mail.",
            "Exit status 0 only when the job finished."
        })
final class DemoCommand implements Callable<Integer> {

    @Mixin private HomeOption home = new HomeOption();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Your own text instead of the SpamAssassin corpus: subfolders named by label"
                        + " (ham/, spam/) with one text a file, or .jsonl files with \"text\" and"
                        + " \"label\".")
    private @Nullable Path data;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "5",
            description = "Mail providers. Default: ${DEFAULT-VALUE}")
    private int clients;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "4",
            description = "Rounds of training and averaging. Default: ${DEFAULT-VALUE}")
    private int rounds;

    @Option(
            names = "--mails",
            paramLabel = "N",
            defaultValue = "0",
            description = "Use at most so many mails, test mail included. Default: all")
    private int mails;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "64",
            description = "Tokens of a mail that are read. Default: ${DEFAULT-VALUE}")
    private int length;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "1",
            description = "Passes over a provider's examples in a round. Default: ${DEFAULT-VALUE}")
    private int epochs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Of every random draw. Default: ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--alpha",
            paramLabel = "X",
            defaultValue = "0.5",
            description =
                    "How evenly labels are spread over the providers (Dirichlet): small is"
                            + " lopsided. Default: ${DEFAULT-VALUE}")
    private double alpha;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the results as JSON.")
    private @Nullable Path report;

    @Option(names = "--keep-running", description = "Leave everything up at the end, until Ctrl-C.")
    private boolean keepRunning;

    @Override
    public Integer call() throws Exception {
        DemoOptions options =
                new DemoOptions(
                        home.path(),
                        data,
                        clients,
                        rounds,
                        mails,
                        length,
                        epochs,
                        seed,
                        alpha,
                        report,
                        keepRunning);
        HomeFolder folder = home.open();
        Display display = Terminal.display();
        Demo demo =
                new Demo(
                        options,
                        display,
                        InstantSource.system(),
                        Sleeper.real(),
                        () -> UUID.randomUUID().toString());
        try (Opened opened = Opened.folder(folder)) {
            boolean finished =
                    demo.run(agents ->
                            opened.with(() -> LocalFederation.in(folder, Ports.usual(), agents)));
            if (finished && keepRunning) {
                display.say("Everything is still up; Ctrl-C ends it.");
                Terminal.untilInterrupted();
            }
            return finished ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }
}
