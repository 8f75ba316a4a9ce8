package dev.espalier.lm.weights;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over the names, types and shapes of all tensors and over bytes of each: of a small one
 * all, of a large one 1,024 stretches that lie evenly from its first byte to its last. So a model
 * of many gigabytes is told from its fine-tuned sister, whose every number is another, in a moment;
 * a change of a few numbers within a large tensor may go unseen. No proof against forgery.
 */
final class WeightsIdentity {

    private static final ValueLayout.OfFloat LITTLE_ENDIAN_FLOAT =
            ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int STRETCHES = 1024;
    private static final int STRETCH = 64;

    private final MessageDigest digest = sha256();

    void add(String name, DType type, Shape shape, MemorySegment bytes) {
        String form = "%s %s %s\n".formatted(name, type, shape);
        digest.update(form.getBytes(StandardCharsets.UTF_8));
        long size = bytes.byteSize();
        if (size <= (long) STRETCHES * STRETCH) {
            digest.update(bytes.asByteBuffer());
            return;
        }
        for (long i = 0; i < STRETCHES; i++) {
            long from = i * (size - STRETCH) / (STRETCHES - 1);
            digest.update(bytes.asSlice(from, STRETCH).asByteBuffer());
        }
    }

    /** Values that lie in no file. */
    void add(String name, Shape shape, float[] values) {
        try (Arena arena = Arena.ofConfined()) {
            add(name, DType.F32, shape, arena.allocateFrom(LITTLE_ENDIAN_FLOAT, values));
        }
    }

    /** Hexadecimal digits; nothing may be added after this. */
    String toHex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
