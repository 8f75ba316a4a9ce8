package dev.espalier.local;

import dev.espalier.local.display.Display;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.LocalFederation;
import dev.espalier.local.federation.Part;
import dev.espalier.local.federation.Ports;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Starts the platform and leaves it up. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Espalier.Version.class,
        description = {
            "The platform alone: PostgreSQL and the three services, no agents, no job.",
            "Runs until Ctrl-C. Ports 8080 to 8082, or free ones where those are taken."
        })
final class UpCommand implements Callable<Integer> {

    private static final Part[] SERVICES = {Part.REGISTRY, Part.AGGREGATION, Part.ORCHESTRATOR};

    @Mixin private HomeOption home = new HomeOption();

    @Override
    public Integer call() throws Exception {
        HomeFolder folder = home.open();
        Display display = Terminal.display();
        try (Opened opened = Opened.folder(folder)) {
            LocalFederation federation =
                    opened.with(() -> LocalFederation.in(folder, Ports.usual(), List.of()));
            federation.start(SERVICES);
            for (Part part : SERVICES) {
                display.say("%-20s %s".formatted(part.program(), federation.swagger(part)));
            }
            display.say("Logs are in " + folder.logs() + "; Ctrl-C ends it.");
            Terminal.untilInterrupted();
            return ExitCode.OK;
        }
    }
}
