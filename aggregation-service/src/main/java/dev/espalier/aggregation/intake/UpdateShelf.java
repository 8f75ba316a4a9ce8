package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.Storage;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.transfer.StagedUpload;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * The folders of updates: {@code staging/<round>/<agent>/<digest>} while they come in, {@code
 * updates/<round>/<agent>.<digest>} once they are whole and good. A file there counts only if the
 * database says so.
 */
@Component
public class UpdateShelf {

    private final Path staging;
    private final Path updates;

    UpdateShelf(Storage storage) throws IOException {
        this.staging = Files.createDirectories(storage.staging());
        this.updates = Files.createDirectories(storage.updates());
    }

    /** Where an update that counts lies. */
    public Path update(RoundId round, AgentName agent, Digest digest) {
        return updates.resolve(round.toString()).resolve(agent + "." + digest + ".safetensors");
    }

    StagedUpload staged(RoundId round, AgentName agent, Digest digest) throws IOException {
        return StagedUpload.at(seat(round, agent).resolve(digest.hex()));
    }

    /**
     * Keeps other requests and replicas away from this agent's uploads until it is closed; empty
     * while another has it. Ends with the process, however that ends.
     */
    Optional<Closeable> lock(RoundId round, AgentName agent) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        seat(round, agent).resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return Optional.of(channel);
            }
        } catch (OverlappingFileLockException heldInThisProcess) {
            // answered below, like a lock that another process holds
        }
        channel.close();
        return Optional.empty();
    }

    /** Makes a whole and good update durable where {@link #update} says. */
    void keep(StagedUpload staged, RoundId round, AgentName agent, Digest digest)
            throws IOException {
        Path target = update(round, agent, digest);
        Files.createDirectories(updates.resolve(round.toString()));
        try (FileChannel folder = FileChannel.open(updates, StandardOpenOption.READ)) {
            folder.force(true); // the round's own folder must survive too
        }
        staged.moveTo(target);
    }

    void discard(RoundId round, AgentName agent, Digest digest) throws IOException {
        Files.deleteIfExists(update(round, agent, digest));
    }

    /** Deletes everything that came for a round. */
    void drop(RoundId round) throws IOException {
        FileSystemUtils.deleteRecursively(staging.resolve(round.toString()));
        FileSystemUtils.deleteRecursively(updates.resolve(round.toString()));
    }

    /** Rounds that have files here. */
    Set<RoundId> rounds() throws IOException {
        Set<RoundId> rounds = new TreeSet<>(Comparator.comparing(RoundId::value));
        for (Path folder : new Path[] {staging, updates}) {
            try (Stream<Path> children = Files.list(folder)) {
                children.map(child -> RoundId.parse(child.getFileName().toString()))
                        .forEach(rounds::add);
            }
        }
        return rounds;
    }

    private Path seat(RoundId round, AgentName agent) throws IOException {
        return Files.createDirectories(staging.resolve(round.toString()).resolve(agent.value()));
    }
}
