package dev.espalier.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class JournalTest {

    private static final AssignmentId FIRST = new AssignmentId(new UUID(1, 1));
    private static final AssignmentId SECOND = new AssignmentId(new UUID(1, 2));
    private static final Outcome FAILED = new Outcome.Failed("no", 7, 0L);

    @TempDir private Path folder;

    private Journal journal;

    @BeforeEach
    void open() throws IOException {
        journal = new Journal(folder, JsonMapper.shared());
    }

    @Test
    void whatWasWrittenIsThereAfterACrash() throws IOException {
        Page page = journal.page(FIRST);
        page.write(new Page.Notes(2, 1L, 2, 3));
        page.write(new Page.Finished(Digest.of(new byte[] {1}), 4, new Cost(1, 2, 3, 4)));
        page.write(FAILED);

        Journal reopened = new Journal(folder, JsonMapper.shared());

        assertThat(reopened.untold()).contains(new Journal.Untold(FIRST, FAILED));
        assertThat(reopened.page(FIRST).notes()).isEqualTo(new Page.Notes(2, 1L, 2, 3));
        assertThat(reopened.page(FIRST).finished().orElseThrow().seconds()).isEqualTo(4);
    }

    @Test
    void anotherAssignmentBeginsOnAnEmptyPage() throws IOException {
        journal.page(FIRST).write(FAILED);

        assertThat(journal.page(SECOND).outcome()).isEmpty();
        assertThat(folder.resolve(FIRST.toString())).doesNotExist();
    }

    @Test
    void halfAnEntryIsNone() throws IOException {
        Page page = journal.page(FIRST);
        page.write(new Page.Notes(2, 1L, 2, 3));
        Path notes = page.checkpoint().resolveSibling("notes.json");
        Files.writeString(notes, Files.readString(notes).substring(0, 9));

        assertThat(page.notes()).isEqualTo(Page.Notes.NONE);
    }

    @Test
    void notesOfAnEarlierVersionTellOfNoBaseModel() throws IOException {
        Page page = journal.page(FIRST);
        Files.writeString(
                page.checkpoint().resolveSibling("notes.json"),
                "{\"bytesDown\": 5, \"trainSeconds\": 2.0, \"lossSumBefore\": 3.0}");

        assertThat(page.notes()).isEqualTo(new Page.Notes(5, 0L, 2, 3));
    }

    @Test
    void theBaseIsAPartOfAllThatWasFetched() {
        assertThat(Page.Notes.NONE.withBase(10).withAdapter(3))
                .isEqualTo(new Page.Notes(13, 10L, 0, 0));
    }

    @Test
    void clearingForgetsAll() throws IOException {
        Files.writeString(journal.page(FIRST).checkpoint(), "steps");
        journal.clear();

        assertThat(folder).isEmptyDirectory();
        assertThat(journal.untold()).isEmpty();
    }
}
