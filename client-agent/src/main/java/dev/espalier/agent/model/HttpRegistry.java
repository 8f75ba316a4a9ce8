package dev.espalier.agent.model;

import dev.espalier.agent.neighbour.Line;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.transfer.FileDownload;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** The registry over HTTP. */
public final class HttpRegistry implements Registry {

    private final URI address;
    private final Line line;
    private final FileDownload download;

    public HttpRegistry(URI address, Line line, FileDownload download) {
        this.address = address;
        this.line = line;
        this.download = download;
    }

    @Override
    public VersionManifest manifest(VersionRef version) {
        return line.call(http ->
                        http.get()
                                .uri(
                                        "/api/v1/models/{model}/versions/{number}",
                                        version.model().value(),
                                        version.number()))
                .as(VersionManifest.class);
    }

    @Override
    public void fetch(VersionFile file, Path target) throws IOException, InterruptedException {
        URI blob = URI.create(address + "/api/v1/blobs/" + file.digest());
        download.fetch(blob, file.digest(), file.size(), target);
    }
}
