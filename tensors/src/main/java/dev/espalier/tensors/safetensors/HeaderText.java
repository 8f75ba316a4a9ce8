package dev.espalier.tensors.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The one spelling of a header: no white space, keys in a fixed order, spaces at the end up to a
 * multiple of 8.
 */
final class HeaderText {

    private static final int ALIGNMENT = 8;

    private final StringBuilder json = new StringBuilder("{");

    private HeaderText() {}

    /**
     * @param tensors in the order of their data; offsets counted from the start of the data
     */
    static byte[] of(SortedMap<String, String> metadata, List<TensorInfo> tensors)
            throws IOException {
        HeaderText text = new HeaderText();
        if (!metadata.isEmpty()) {
            text.metadata(metadata);
        }
        tensors.forEach(text::tensor);
        text.json.append('}');
        return padded(utf8(text.json));
    }

    private void metadata(SortedMap<String, String> metadata) {
        key(Header.METADATA);
        json.append('{');
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            key(entry.getKey());
            string(entry.getValue());
        }
        json.append('}');
    }

    private void tensor(TensorInfo tensor) {
        key(tensor.name());
        json.append("{\"dtype\":\"").append(tensor.dtype()).append("\",\"shape\":");
        array(tensor.shape().toArray());
        json.append(",\"data_offsets\":");
        array(tensor.offset(), tensor.offset() + tensor.byteLength());
        json.append('}');
    }

    private void key(String key) {
        if (json.charAt(json.length() - 1) != '{') {
            json.append(',');
        }
        string(key);
        json.append(':');
    }

    private void array(long... values) {
        json.append(Arrays.toString(values).replace(" ", ""));
    }

    private void string(String value) {
        json.append('"');
        value.chars().forEach(c -> character((char) c));
        json.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"' -> json.append("\\\"");
            case '\\' -> json.append("\\\\");
            case '\b' -> json.append("\\b");
            case '\f' -> json.append("\\f");
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            default -> {
                if (c < 0x20) {
                    json.append("\\u%04x".formatted((int) c));
                } else {
                    json.append(c);
                }
            }
        }
    }

    private static byte[] utf8(CharSequence text) throws CharacterCodingException {
        ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        byte[] exact = new byte[bytes.remaining()];
        bytes.get(exact);
        return exact;
    }

    private static byte[] padded(byte[] header) throws IOException {
        if (header.length > Header.MAX_BYTES) {
            throw new IOException(
                    "a header of " + header.length + " bytes exceeds " + Header.MAX_BYTES);
        }
        int length = Math.ceilDiv(header.length, ALIGNMENT) * ALIGNMENT;
        byte[] padded = Arrays.copyOf(header, length);
        Arrays.fill(padded, header.length, length, (byte) ' ');
        return padded;
    }
}
