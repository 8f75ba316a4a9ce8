package dev.espalier.local.federation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends what services and agents log to files, so that the terminal belongs to the display. */
public final class Logs {

    private Logs() {}

    /**
     * To be called before the first logger is made, once a process.
     *
     * @param folder gets a file for every part, and one for all that they share
     */
    public static void intoFiles(Path folder) throws IOException {
        Files.createDirectories(folder);
        System.setProperty("espalier.logs", folder.toString());
        System.setProperty("logback.configurationFile", "espalier-logback.xml");
        // else every context that starts would configure logging anew, for all of them
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }
}
