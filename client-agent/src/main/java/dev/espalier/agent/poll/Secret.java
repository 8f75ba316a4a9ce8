package dev.espalier.agent.poll;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Base64;
import java.util.EnumSet;
import java.util.random.RandomGenerator;

/**
 * What an agent proves itself with. It lies in the agent's home, readable by its owner alone,
 * before anybody is told; so an enrolment whose answer was lost is simply made again.
 */
public final class Secret {

    private static final int BYTES = 32;
    private static final String FORM = "[A-Za-z0-9_-]{32,128}";

    private final String text;

    private Secret(String text) {
        this.text = text;
    }

    /**
     * The secret in that file; drawn and stored there if there is none.
     *
     * @param chance must be one that nobody can foresee
     */
    public static Secret in(Path file, RandomGenerator chance) throws IOException {
        if (!Files.exists(file)) {
            byte[] drawn = new byte[BYTES];
            chance.nextBytes(drawn);
            store(file, Base64.getUrlEncoder().withoutPadding().encodeToString(drawn));
        }
        String text = Files.readString(file).strip();
        if (!text.matches(FORM)) {
            throw new IOException(
                    file
                            + " does not hold a secret; restore it, or delete it and"
                            + " have the agent removed at the orchestrator");
        }
        return new Secret(text);
    }

    private static void store(Path file, String text) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(draft);
        if (Files.getFileStore(draft).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(
                    draft,
                    EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
        }
        Files.write(draft, text.getBytes(StandardCharsets.US_ASCII));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "Secret[...]";
    }
}
