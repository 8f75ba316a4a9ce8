package dev.espalier.agent.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretTest {

    @TempDir private Path folder;

    @Test
    void itIsDrawnOnceAndKept() throws IOException {
        Path file = folder.resolve("secret");

        String first = Secret.in(file, new Random(1)).reveal();

        assertThat(first).matches("[A-Za-z0-9_-]{43}");
        assertThat(Secret.in(file, new Random(2)).reveal()).isEqualTo(first);
    }

    @Test
    void itDoesNotPrint() throws IOException {
        Secret secret = Secret.in(folder.resolve("secret"), new Random(1));

        assertThat(secret.toString()).doesNotContain(secret.reveal());
    }

    @Test
    void whatIsNoSecretIsNotTakenForOne() throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), "short");

        assertThatThrownBy(() -> Secret.in(file, new Random(1)))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("short");
    }
}
