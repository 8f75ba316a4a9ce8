package dev.espalier.agent.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.protocol.JobId;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnAdaptersTest {

    private static final JobId FIRST = new JobId(new UUID(1, 1));
    private static final JobId SECOND = new JobId(new UUID(1, 2));
    private static final JobId THIRD = new JobId(new UUID(1, 3));

    @TempDir private Path folder;

    @Test
    void theLastOneOfAJobIsFoundByAnotherProcessToo() throws IOException {
        OwnAdapters own = new OwnAdapters(folder, 1 << 20);
        own.keep(FIRST, adapter(1));
        own.keep(FIRST, adapter(2));
        own.keep(SECOND, adapter(3));

        assertThat(new OwnAdapters(folder, 1 << 20).find(FIRST)).contains(adapter(2));
        assertThat(own.find(SECOND)).contains(adapter(3));
        assertThat(own.find(THIRD)).isEmpty();
    }

    @Test
    void thoseWrittenLongestAgoGoWhenTheyBecomeTooMany() throws IOException {
        OwnAdapters own = new OwnAdapters(folder, 10_000);
        own.keep(FIRST, adapter(1));
        Files.setLastModifiedTime(folder.resolve(FIRST + ".safetensors"), FileTime.fromMillis(1));
        own.keep(SECOND, adapter(2));
        Files.setLastModifiedTime(folder.resolve(SECOND + ".safetensors"), FileTime.fromMillis(2));
        own.keep(THIRD, adapter(3));

        assertThat(own.find(FIRST)).isEmpty();
        assertThat(own.find(SECOND)).isPresent();
        assertThat(own.find(THIRD)).isPresent();
    }

    @Test
    void oneThatIsTooLargeByItselfIsNotKept() throws IOException {
        OwnAdapters own = new OwnAdapters(folder, 1000);
        own.keep(FIRST, adapter(1));

        assertThat(own.find(FIRST)).isEmpty();
    }

    @Test
    void aBrokenFileIsAsGoodAsNone() throws IOException {
        OwnAdapters own = new OwnAdapters(folder, 1 << 20);
        own.keep(FIRST, adapter(1));
        Files.write(folder.resolve(FIRST + ".safetensors"), new byte[] {1, 2, 3});

        assertThat(own.find(FIRST)).isEmpty();
    }

    @Test
    void oneThatCannotBeWrittenIsNoFailureAndWhatIsInItsPlaceGoes() throws IOException {
        OwnAdapters own = new OwnAdapters(folder, 1 << 20);
        Path file = folder.resolve(FIRST + ".safetensors");
        Files.createDirectory(file); // no file takes the place of a folder, whoever writes it

        own.keep(FIRST, adapter(2));

        assertThat(file).doesNotExist();
        assertThat(own.find(FIRST)).isEmpty();
    }

    @Test
    void whatCannotBeDeletedEitherIsNoFailure() throws IOException {
        OwnAdapters own = new OwnAdapters(folder, 1 << 20);
        Path file = folder.resolve(FIRST + ".safetensors");
        Files.createDirectories(file.resolve("something"));

        own.keep(FIRST, adapter(2));

        assertThat(file).isNotEmptyDirectory();
        assertThat(own.find(FIRST)).isEmpty();
    }

    private static AdapterWeights adapter(int value) {
        float[] values = new float[1000];
        values[7] = value;
        return AdapterWeights.builder().put("a", Shape.of(10, 100), values).build();
    }
}
