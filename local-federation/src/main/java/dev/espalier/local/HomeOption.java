package dev.espalier.local;

import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.federation.Logs;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where everything is kept: an option that every command has. */
public final class HomeOption {

    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = ".espalier",
            description =
                    "The one folder that everything is kept in; delete it to start afresh."
                            + " Default: ${DEFAULT-VALUE}")
    private Path home = Path.of(".espalier");

    public Path path() {
        return home;
    }

    /** The folder, made ready: what libraries unpack or log goes there too. */
    public HomeFolder open() throws IOException {
        HomeFolder folder = new HomeFolder(home);
        Logs.intoFiles(folder.logs());
        System.setProperty("DJL_CACHE_DIR", folder.cache().resolve("djl").toString());
        return folder;
    }
}
