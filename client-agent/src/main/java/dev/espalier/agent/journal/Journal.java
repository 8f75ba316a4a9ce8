package dev.espalier.agent.journal;

import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.work.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * One agent's journal: a folder for the assignment it works on, and none when it has none. The
 * orchestrator gives an unfinished assignment again to an agent that asks, so nothing of the
 * assignment but its name needs to be kept.
 */
public final class Journal {

    private final Path folder;
    private final JsonMapper json;

    public Journal(Path folder, JsonMapper json) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.json = json;
    }

    /**
     * What the orchestrator has not been told yet.
     *
     * @param assignment that ended like this
     */
    public record Untold(AssignmentId assignment, Outcome outcome) {}

    /** The page of this assignment, begun before a crash or new. Pages of others are torn out. */
    public Page page(AssignmentId assignment) throws IOException {
        for (Path other : pages()) {
            if (!other.getFileName().toString().equals(assignment.toString())) {
                tearOut(other);
            }
        }
        Path page = folder.resolve(assignment.toString());
        return new Page(Files.createDirectories(page), json);
    }

    /** An outcome that was written down and may not have been reported. */
    public Optional<Untold> untold() throws IOException {
        for (Path page : pages()) {
            Optional<Outcome> outcome = new Page(page, json).outcome();
            if (outcome.isPresent()) {
                AssignmentId id = AssignmentId.parse(page.getFileName().toString());
                return Optional.of(new Untold(id, outcome.get()));
            }
        }
        return Optional.empty();
    }

    /** Forgets everything: the work is done, or its round is over. */
    public void clear() throws IOException {
        for (Path page : pages()) {
            tearOut(page);
        }
    }

    private List<Path> pages() throws IOException {
        try (Stream<Path> pages = Files.list(folder)) {
            return pages.sorted().toList();
        }
    }

    private static void tearOut(Path page) throws IOException {
        Files.deleteIfExists(page.resolve(Page.OUTCOME)); // first: half a page tells nothing
        try (Stream<Path> files = Files.walk(page)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
