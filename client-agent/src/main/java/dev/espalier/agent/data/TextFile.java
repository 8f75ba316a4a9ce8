package dev.espalier.agent.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a text file, packed or not, numbered from 1. Bytes that are none of its charset read
 * as U+FFFD: a mail with one odd byte is still a mail.
 */
final class TextFile implements AutoCloseable {

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final BufferedReader reader;
    private long line;

    private TextFile(BufferedReader reader) {
        this.reader = reader;
    }

    static TextFile open(Path path, Charset charset) throws IOException {
        return new TextFile(reader(path, charset));
    }

    /** The whole file. */
    static String read(Path path, Charset charset) throws IOException {
        try (BufferedReader reader = reader(path, charset)) {
            return withoutMark(reader.readAllAsString());
        }
    }

    /** The next line without its end; null after the last one. */
    @Nullable String next() throws IOException {
        String text = reader.readLine();
        line++;
        return text != null && line == 1 ? withoutMark(text) : text;
    }

    /** The number of the line that {@link #next} gave last. */
    long line() {
        return line;
    }

    private static BufferedReader reader(Path path, Charset charset) throws IOException {
        InputStream bytes = Files.newInputStream(path);
        try {
            boolean packed = path.getFileName().toString().endsWith(".gz");
            InputStream plain = packed ? new GZIPInputStream(bytes, 1 << 16) : bytes;
            return new BufferedReader(new InputStreamReader(plain, charset));
        } catch (IOException e) {
            bytes.close();
            throw e;
        }
    }

    private static String withoutMark(String text) {
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
