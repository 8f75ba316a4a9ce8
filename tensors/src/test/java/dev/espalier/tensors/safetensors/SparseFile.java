package dev.espalier.tensors.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file with a given header, a hole, and a few last bytes: gigabytes that take no room on disk.
 */
final class SparseFile {

    private SparseFile() {}

    static void write(Path file, String header, long dataBytes, byte[] tail) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.SPARSE)) {
            channel.write(
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, json.length),
                    0);
            channel.write(ByteBuffer.wrap(json), 8);
            channel.write(ByteBuffer.wrap(tail), 8 + json.length + dataBytes - tail.length);
        }
    }
}
