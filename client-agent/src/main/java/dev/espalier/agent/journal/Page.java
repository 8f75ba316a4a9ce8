package dev.espalier.agent.journal;

import com.fasterxml.jackson.annotation.JsonAlias;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What is remembered of one assignment. Each entry is there whole or not at all. */
public final class Page {

    static final String OUTCOME = "outcome.json";

    private static final Logger log = LoggerFactory.getLogger(Page.class);
    private static final String NOTES = "notes.json";
    private static final String HEADS = "heads.json";
    private static final String FINISHED = "finished.json";
    private static final String IMPORTANCE = "importance-";

    private final Path folder;
    private final JsonMapper json;

    Page(Path folder, JsonMapper json) {
        this.folder = folder;
        this.json = json;
    }

    /**
     * Sums that go on over a crash.
     *
     * @param bytesDown fetched so far
     * @param baseBytesDown the part of it that was the base model
     * @param trainSeconds spent in steps so far
     * @param lossSumBefore sum of the losses of the steps before the last epoch, once it began
     */
    public record Notes(
            long bytesDown, Long baseBytesDown, double trainSeconds, double lossSumBefore) {

        static final Notes NONE = new Notes(0, 0L, 0, 0);

        public Notes {
            baseBytesDown = baseBytesDown == null ? 0 : baseBytesDown; // of before it was noted
        }

        /** With a base model that was fetched. */
        public Notes withBase(long bytes) {
            return new Notes(bytesDown + bytes, baseBytesDown + bytes, trainSeconds, lossSumBefore);
        }

        /** With an adapter that was fetched. */
        public Notes withAdapter(long bytes) {
            return new Notes(bytesDown + bytes, baseBytesDown, trainSeconds, lossSumBefore);
        }

        public Notes withTraining(double seconds, double lossSumBeforeLastEpoch) {
            return new Notes(bytesDown, baseBytesDown, seconds, lossSumBeforeLastEpoch);
        }
    }

    /**
     * The heads that this round trains.
     *
     * @param kept by attention block of the model: the kept heads, ascending
     * @param confidence by block: of the kept heads, in their order
     * @param seconds that scoring took
     * @param scoringMacs that scoring took
     */
    public record Heads(
            Map<String, List<Integer>> kept,
            Map<String, List<Double>> confidence,
            double seconds,
            long scoringMacs) {

        public Heads {
            kept = new TreeMap<>(kept);
            confidence = new TreeMap<>(confidence);
        }

        /** Of the whole model. */
        public int count() {
            return kept.values().stream().mapToInt(List::size).sum();
        }
    }

    /**
     * An update that is complete in {@link #update}.
     *
     * @param digest of its file
     * @param seconds spent in scoring heads, taking them out and in steps, or in pruning
     */
    public record Finished(Digest digest, @JsonAlias("trainSeconds") double seconds, Cost cost) {}

    /** Where the trainer keeps its state; it replaces the file as a whole. */
    public Path checkpoint() {
        return folder.resolve("checkpoint.safetensors");
    }

    /** Where the importance of components lies that belongs to the checkpoint of that step. */
    public Path importance(int step) {
        return folder.resolve(IMPORTANCE + step + ".safetensors");
    }

    /** Drops those of other checkpoints: none is gone on from any more. */
    public void keepImportanceOf(int step) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files =
                    all.filter(file -> file.getFileName().toString().startsWith(IMPORTANCE))
                            .toList();
        }
        for (Path file : files) {
            if (!file.equals(importance(step))) {
                Files.delete(file);
            }
        }
    }

    /** Where matrices lie that are pruned, until all are; nothing of it outlives a crash. */
    public Path spool() {
        return folder.resolve("pruned");
    }

    /** Where the update lies, complete once {@link #finished} says so. */
    public Path update() {
        return folder.resolve("update.safetensors");
    }

    public Notes notes() {
        return read(NOTES, Notes.class).orElse(Notes.NONE);
    }

    public void write(Notes notes) throws IOException {
        write(NOTES, notes);
    }

    public Optional<Heads> heads() {
        return read(HEADS, Heads.class);
    }

    public void write(Heads heads) throws IOException {
        write(HEADS, heads);
    }

    public Optional<Finished> finished() {
        return read(FINISHED, Finished.class);
    }

    public void write(Finished finished) throws IOException {
        write(FINISHED, finished);
    }

    public Optional<Outcome> outcome() {
        return read(OUTCOME, Outcome.class);
    }

    public void write(Outcome outcome) throws IOException {
        write(OUTCOME, outcome);
    }

    private <T> Optional<T> read(String name, Class<T> type) {
        Path file = folder.resolve(name);
        try {
            return Files.exists(file)
                    ? Optional.of(json.readValue(Files.readAllBytes(file), type))
                    : Optional.empty();
        } catch (JacksonException | IOException unreadable) {
            log.warn("journal entry ignored file={}", file);
            return Optional.empty();
        }
    }

    private void write(String name, Object entry) throws IOException {
        Path draft = folder.resolve(name + ".new");
        try (FileChannel file =
                FileChannel.open(
                        draft,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(json.writeValueAsBytes(entry));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        Files.move(draft, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
