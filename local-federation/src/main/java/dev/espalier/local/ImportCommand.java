package dev.espalier.local;

import dev.espalier.local.base.BaseImport;
import dev.espalier.local.federation.HomeFolder;
import dev.espalier.local.platform.Registry;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.transfer.Sleeper;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Registers a base model. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = Espalier.Version.class,
        description = "Registers a pretrained model at a running registry, as a base for jobs.")
final class ImportCommand implements Callable<Integer> {

    @Mixin private HomeOption home = new HomeOption();

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    /** Where the model comes from. */
    static final class Source {

        @Option(
                names = "--model",
                paramLabel = "DIR",
                description =
                        "A Hugging Face folder: config.json, model.safetensors, tokenizer.json.")
        private @Nullable Path folder;

        @Option(names = "--minilm", description = "The bundled all-MiniLM-L6-v2.")
        private boolean minilm;
    }

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What to register it as. Default: the name of the folder")
    private @Nullable String name;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8081",
            description = "Default: ${DEFAULT-VALUE}")
    private URI registry = URI.create("http://127.0.0.1:8081");

    @Override
    public Integer call() throws Exception {
        HomeFolder kept = home.open();
        Path folder = source.folder == null ? BaseImport.minilm(kept.models()) : source.folder;
        ModelName model =
                new ModelName(
                        name == null
                                ? folder.toAbsolutePath().normalize().getFileName().toString()
                                : name);
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        VersionManifest published =
                BaseImport.publish(new Registry(http, registry, Sleeper.real()), model, folder);
        Terminal.display().say("registered " + published.ref() + " " + published.digest());
        return ExitCode.OK;
    }
}
