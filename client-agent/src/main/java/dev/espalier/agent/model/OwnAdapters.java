package dev.espalier.agent.model;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.protocol.JobId;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one agent itself made of its jobs' adapters last, a file a job. They never leave its home.
 * Those written longest ago go when they become too many bytes; an agent that lost one has none.
 */
public final class OwnAdapters {

    private static final Logger log = LoggerFactory.getLogger(OwnAdapters.class);

    private final Path folder;
    private final long mostBytes;

    /**
     * @param mostBytes of all files; one that is larger by itself is not kept
     */
    public OwnAdapters(Path folder, long mostBytes) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.mostBytes = mostBytes;
    }

    /** Keeps it in place of the one before; where the disk fails it, none is kept of the job. */
    public void keep(JobId job, AdapterWeights adapter) {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : adapter.names()) {
            writer.floats(name, adapter.shape(name), adapter.values(name));
        }
        try {
            writer.write(file(job));
            shrink();
        } catch (IOException | UncheckedIOException failed) {
            log.warn("own adapter not kept job={} failure={}", job, kind(failed));
            drop(job);
        }
    }

    /** The one before would be taken for the last. */
    private void drop(JobId job) {
        try {
            Files.deleteIfExists(file(job));
        } catch (IOException failed) {
            log.warn("own adapter not deleted job={} failure={}", job, kind(failed));
        }
    }

    private static String kind(Exception failure) {
        return failure.getClass().getSimpleName();
    }

    /** The last one of the job, if it is still here. */
    public Optional<AdapterWeights> find(JobId job) {
        Path file = file(job);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            AdapterWeights.Builder adapter = AdapterWeights.builder();
            for (String name : tensors.names()) {
                adapter.put(name, tensors.info(name).shape(), tensors.floats(name));
            }
            return Optional.of(adapter.build());
        } catch (IOException | ModelRefusedException | IllegalArgumentException unreadable) {
            log.warn("own adapter ignored: it cannot be read file={}", file);
            return Optional.empty();
        }
    }

    private void shrink() throws IOException {
        List<Path> newestFirst;
        try (Stream<Path> files = Files.list(folder)) {
            newestFirst =
                    files.sorted(Comparator.comparing(OwnAdapters::written).reversed()).toList();
        }
        long bytes = 0;
        for (Path file : newestFirst) {
            bytes += Files.size(file);
            if (bytes > mostBytes) {
                Files.delete(file);
            }
        }
    }

    private static FileTime written(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    private Path file(JobId job) {
        return folder.resolve(job + ".safetensors");
    }
}
