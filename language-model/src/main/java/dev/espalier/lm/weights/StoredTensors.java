package dev.espalier.lm.weights;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All tensors of a folder's weight files, by the names that a family uses. Safe for many threads.
 */
final class StoredTensors implements AutoCloseable {

    private final List<SafetensorsFile> files;
    private final SortedMap<String, Place> places = new TreeMap<>();
    private final AtomicReference<@Nullable String> identity = new AtomicReference<>();

    private record Place(SafetensorsFile file, String stored) {

        TensorInfo info() {
            return file.info(stored);
        }
    }

    /**
     * @param files closed with this
     * @param canonical from the name in the file to the name that the family uses
     * @throws ModelRefusedException if a tensor comes twice; the files are closed then
     */
    StoredTensors(List<SafetensorsFile> files, UnaryOperator<String> canonical) {
        this.files = files;
        Map<String, Place> found = new HashMap<>();
        for (SafetensorsFile file : files) {
            for (String stored : file.names()) {
                String name = canonical.apply(stored);
                if (found.putIfAbsent(name, new Place(file, stored)) != null) {
                    files.forEach(SafetensorsFile::close);
                    throw new ModelRefusedException("tensor " + name + " is stored twice");
                }
            }
        }
        places.putAll(found);
    }

    boolean has(String name) {
        return places.containsKey(name);
    }

    /**
     * @throws ModelRefusedException if the tensor is missing or has another shape
     */
    void require(String name, Shape wanted) {
        if (!has(name)) {
            throw new ModelRefusedException("tensor " + name + " is missing");
        }
        if (!shape(name).equals(wanted)) {
            throw new ModelRefusedException(
                    "tensor %s has shape %s, config.json says %s"
                            .formatted(name, shape(name), wanted));
        }
        if (!type(name).isFloating()) {
            throw new ModelRefusedException(
                    "tensor " + name + " holds " + type(name) + ", not floats");
        }
    }

    /** What the file calls it. */
    String storedName(String name) {
        return place(name).stored;
    }

    Shape shape(String name) {
        return place(name).info().shape();
    }

    DType type(String name) {
        return place(name).info().dtype();
    }

    /** On the pages of the mapped file. */
    MemorySegment bytes(String name) {
        Place place = place(name);
        return place.file.bytes(place.stored);
    }

    /** A new array, widened to F32. */
    float[] floats(String name) {
        Place place = place(name);
        return place.file.floats(place.stored);
    }

    /** See {@link FrozenWeights#identity}. */
    String identity() {
        String known = identity.get();
        if (known != null) {
            return known;
        }
        WeightsIdentity all = new WeightsIdentity();
        places.keySet().forEach(name -> all.add(name, type(name), shape(name), bytes(name)));
        String computed = all.toHex();
        identity.set(computed);
        return computed;
    }

    private Place place(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException("no weight is named " + name);
        }
        return place;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
