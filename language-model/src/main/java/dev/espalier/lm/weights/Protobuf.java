package dev.espalier.lm.weights;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the fields of one protobuf message, by the wire format alone (protobuf.dev,
 * "Encoding"). Enough to read the few fields of an ONNX file that we want, with no generated code.
 */
final class Protobuf {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private Protobuf() {}

    /** Takes one field. */
    interface FieldReader {

        /**
         * @param number the field's
         * @param value if it is a number
         * @param bytes if it has a length: a text, a message, or packed numbers; else null
         */
        void field(int number, long value, @Nullable ByteBuffer bytes);
    }

    /**
     * @param message not moved
     * @throws ModelRefusedException if these are not well-formed fields
     */
    static void read(ByteBuffer message, FieldReader reader) {
        ByteBuffer in = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (in.hasRemaining()) {
                readField(in, reader);
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new ModelRefusedException("the ONNX file is cut off or malformed", e);
        }
    }

    private static void readField(ByteBuffer in, FieldReader reader) {
        long key = varint(in);
        int number = (int) (key >>> 3);
        switch ((int) (key & 7)) {
            case VARINT -> reader.field(number, varint(in), null);
            case FIXED64 -> reader.field(number, in.getLong(), null);
            case FIXED32 -> reader.field(number, in.getInt(), null);
            case BYTES -> reader.field(number, 0, slice(in));
            default -> throw new ModelRefusedException("the ONNX file is malformed");
        }
    }

    private static ByteBuffer slice(ByteBuffer in) {
        long length = varint(in);
        if (length < 0 || length > in.remaining()) {
            throw new ModelRefusedException("the ONNX file is cut off or malformed");
        }
        ByteBuffer slice = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + (int) length);
        return slice;
    }

    static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new ModelRefusedException("the ONNX file is malformed");
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
