package dev.espalier.aggregation.sparse;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The base that clients pruned, mapped into memory: its weights and, if it is sparse, its mask. */
final class SparseParent implements AutoCloseable {

    private final List<SafetensorsFile> open = new ArrayList<>();
    private final SortedMap<String, SafetensorsFile> weights = new TreeMap<>();
    private @Nullable SafetensorsFile mask;

    private SparseParent() {}

    /**
     * @param weights the files that together hold them
     * @param mask absent: it is dense
     */
    static SparseParent open(Collection<Path> weights, @Nullable Path mask) throws IOException {
        SparseParent parent = new SparseParent();
        try {
            for (Path file : weights) {
                SafetensorsFile one = parent.opened(file);
                one.names().forEach(name -> parent.weights.put(name, one));
            }
            parent.mask = mask == null ? null : parent.opened(mask);
            return parent;
        } catch (IOException | RuntimeException e) {
            parent.close();
            throw e;
        }
    }

    private SafetensorsFile opened(Path path) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(path);
        open.add(file);
        return file;
    }

    SortedSet<String> names() {
        return new TreeSet<>(weights.keySet());
    }

    TensorInfo info(String name) {
        return file(name).info(name);
    }

    Shape shape(String name) {
        return info(name).shape();
    }

    FloatReader reader(String name) {
        return file(name).reader(name);
    }

    MemorySegment bytes(String name) {
        return file(name).bytes(name);
    }

    /** Null where the matrix is dense. */
    @Nullable ElementMask mask(String name) {
        return mask == null || !mask.contains(name)
                ? null
                : ElementMask.of(mask.bytes(name), shape(name).elements());
    }

    private SafetensorsFile file(String name) {
        SafetensorsFile file = weights.get(name);
        if (file == null) {
            throw new NoSuchElementException("the base has no matrix " + name);
        }
        return file;
    }

    @Override
    public void close() {
        open.forEach(SafetensorsFile::close);
    }
}
