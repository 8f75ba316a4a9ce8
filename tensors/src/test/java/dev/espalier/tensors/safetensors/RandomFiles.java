package dev.espalier.tensors.safetensors;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Valid files of every type and rank, one per seed. */
final class RandomFiles {

    private RandomFiles() {}

    static Path write(List<Consumer<SafetensorsWriter>> content, Path file) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        content.forEach(part -> part.accept(writer));
        writer.write(file);
        return file;
    }

    static List<Consumer<SafetensorsWriter>> content(long seed) {
        Random any = new Random(seed);
        List<Consumer<SafetensorsWriter>> content = new ArrayList<>();
        for (int i = any.nextInt(4); i > 0; i--) {
            String key = "key" + i;
            String value = text(any);
            content.add(writer -> writer.metadata(key, value));
        }
        for (int i = any.nextInt(6); i > 0; i--) {
            content.add(tensor("tensor" + i + text(any), any));
        }
        return content;
    }

    private static Consumer<SafetensorsWriter> tensor(String name, Random any) {
        Shape shape = shape(any);
        int elements = (int) shape.elements();
        DType dtype = DType.values()[any.nextInt(DType.values().length)];
        float[] floats = new float[elements];
        for (int i = 0; i < elements; i++) {
            floats[i] = (float) any.nextGaussian();
        }
        long[] longs = any.longs(elements).toArray();
        byte[] bytes = new byte[elements];
        any.nextBytes(bytes);
        return switch (dtype) {
            case F32, F16, BF16 -> writer -> writer.floats(name, dtype, shape, floats);
            case I64 -> writer -> writer.longs(name, shape, longs);
            case U8 -> writer -> writer.bytes(name, shape, bytes);
            case F64, I32 -> {
                byte[] wide = new byte[elements * dtype.bytes()];
                any.nextBytes(wide);
                yield writer -> writer.raw(name, dtype, shape, MemorySegment.ofArray(wide));
            }
        };
    }

    private static Shape shape(Random any) {
        long[] dimensions = any.longs(any.nextInt(4), 0, 5).toArray();
        return Shape.of(dimensions);
    }

    private static String text(Random any) {
        StringBuilder text = new StringBuilder();
        any.ints(any.nextInt(6), 0, 0x2fff)
                .filter(c -> !Character.isSurrogate((char) c))
                .forEach(text::appendCodePoint);
        return any.nextInt(4) == 0 ? text.append("\ud83c\udf33").toString() : text.toString();
    }
}
