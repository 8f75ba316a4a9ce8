package dev.espalier.tensors.safetensors;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a header says, once it has been held against the grammar and against the bytes that follow
 * it: tensors fill the data exactly, without gap or overlap.
 */
record Header(SortedMap<String, String> metadata, SortedMap<String, TensorInfo> tensors) {

    static final String METADATA = "__metadata__";

    /** As in the reference implementation. */
    static final long MAX_BYTES = 100_000_000;

    static final int MAX_TENSORS = 200_000;
    static final int MAX_RANK = 32;

    Header {
        metadata = Collections.unmodifiableSortedMap(metadata);
        tensors = Collections.unmodifiableSortedMap(tensors);
    }

    /**
     * @param dataStart where the data begins, counted from the start of the file
     * @param dataBytes how much data there is
     */
    static Header parse(String json, long dataStart, long dataBytes)
            throws MalformedSafetensorsException {
        Header header = new Parser(json, dataStart, dataBytes).parse();
        header.requireExactCover(dataStart, dataBytes);
        return header;
    }

    private void requireExactCover(long dataStart, long dataBytes)
            throws MalformedSafetensorsException {
        List<TensorInfo> inOrder = new ArrayList<>(tensors.values());
        inOrder.sort(
                Comparator.comparingLong(TensorInfo::offset)
                        .thenComparingLong(TensorInfo::byteLength));
        long expected = dataStart;
        for (TensorInfo tensor : inOrder) {
            if (tensor.offset() != expected) {
                String what =
                        tensor.offset() < expected
                                ? " overlaps the tensor before it"
                                : " leaves a gap before it";
                throw new MalformedSafetensorsException(
                        "tensor " + Quoted.of(tensor.name()) + what);
            }
            expected += tensor.byteLength();
        }
        if (expected != dataStart + dataBytes) {
            throw new MalformedSafetensorsException(
                    (dataStart + dataBytes - expected)
                            + " bytes after the last tensor belong to none");
        }
    }

    private static final class Parser {

        private final HeaderScanner scanner;
        private final long dataStart;
        private final long dataBytes;
        private final TreeMap<String, TensorInfo> tensors = new TreeMap<>();
        private @Nullable TreeMap<String, String> metadata;

        Parser(String json, long dataStart, long dataBytes) {
            this.scanner = new HeaderScanner(json);
            this.dataStart = dataStart;
            this.dataBytes = dataBytes;
        }

        Header parse() throws MalformedSafetensorsException {
            scanner.expect('{');
            if (!scanner.accept('}')) {
                do {
                    entry();
                } while (scanner.another('}'));
            }
            scanner.expectEnd();
            return new Header(metadata == null ? new TreeMap<>() : metadata, tensors);
        }

        private void entry() throws MalformedSafetensorsException {
            String name = scanner.string();
            scanner.expect(':');
            if (name.equals(METADATA)) {
                metadata();
                return;
            }
            if (tensors.containsKey(name)) {
                throw scanner.refused("a second tensor " + Quoted.of(name));
            }
            if (tensors.size() == MAX_TENSORS) {
                throw scanner.refused("more than " + MAX_TENSORS + " tensors");
            }
            tensors.put(name, tensor(name));
        }

        private void metadata() throws MalformedSafetensorsException {
            if (metadata != null) {
                throw scanner.refused("a second " + METADATA);
            }
            TreeMap<String, String> values = new TreeMap<>();
            metadata = values;
            scanner.expect('{');
            if (scanner.accept('}')) {
                return;
            }
            do {
                String key = scanner.string();
                scanner.expect(':');
                if (values.put(key, scanner.string()) != null) {
                    throw scanner.refused("a second metadata key " + Quoted.of(key));
                }
            } while (scanner.another('}'));
        }

        private TensorInfo tensor(String name) throws MalformedSafetensorsException {
            DType dtype = null;
            long[] shape = null;
            long[] offsets = null;
            scanner.expect('{');
            do {
                String key = scanner.string();
                scanner.expect(':');
                switch (key) {
                    case "dtype" -> dtype = once(key, dtype, dtype());
                    case "shape" -> shape = once(key, shape, naturals(MAX_RANK));
                    case "data_offsets" -> offsets = once(key, offsets, naturals(2));
                    default -> throw scanner.refused("an unknown key in tensor " + Quoted.of(name));
                }
            } while (scanner.another('}'));
            if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
                throw scanner.refused(
                        "tensor "
                                + Quoted.of(name)
                                + " needs a dtype, a shape and two data_offsets");
            }
            return located(name, dtype, shape(name, shape), offsets[0], offsets[1]);
        }

        private <T> T once(String key, @Nullable T held, T value)
                throws MalformedSafetensorsException {
            if (held != null) {
                throw scanner.refused("a second " + key);
            }
            return value;
        }

        private DType dtype() throws MalformedSafetensorsException {
            String code = scanner.string();
            for (DType dtype : DType.values()) {
                if (dtype.name().equals(code)) {
                    return dtype;
                }
            }
            throw scanner.refused(
                    "dtype " + Quoted.of(code) + " is none of " + Arrays.toString(DType.values()));
        }

        private long[] naturals(int limit) throws MalformedSafetensorsException {
            List<Long> values = new ArrayList<>();
            scanner.expect('[');
            if (!scanner.accept(']')) {
                do {
                    if (values.size() == limit) {
                        throw scanner.refused("more than " + limit + " numbers");
                    }
                    values.add(scanner.natural());
                } while (scanner.another(']'));
            }
            return values.stream().mapToLong(Long::longValue).toArray();
        }

        private Shape shape(String name, long[] dimensions) throws MalformedSafetensorsException {
            try {
                return Shape.of(dimensions);
            } catch (IllegalArgumentException e) {
                throw refused(name, e.getMessage());
            }
        }

        private TensorInfo located(String name, DType dtype, Shape shape, long begin, long end)
                throws MalformedSafetensorsException {
            if (begin > end || end > dataBytes) {
                throw refused(
                        name,
                        "offsets %d to %d in %d bytes of data".formatted(begin, end, dataBytes));
            }
            long needed = bytes(name, dtype, shape);
            if (end - begin != needed) {
                throw refused(
                        name,
                        "%s %s needs %d bytes, has %d"
                                .formatted(dtype, shape, needed, end - begin));
            }
            return new TensorInfo(name, dtype, shape, dataStart + begin, needed);
        }

        private static long bytes(String name, DType dtype, Shape shape)
                throws MalformedSafetensorsException {
            try {
                return shape.bytes(dtype);
            } catch (IllegalArgumentException e) {
                throw refused(name, e.getMessage());
            }
        }

        private static MalformedSafetensorsException refused(String name, @Nullable String reason) {
            return new MalformedSafetensorsException("tensor " + Quoted.of(name) + ": " + reason);
        }
    }
}
