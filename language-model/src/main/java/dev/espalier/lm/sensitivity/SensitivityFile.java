package dev.espalier.lm.sensitivity;

import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The stored form: per tensor {@code smoothed.NAME} and {@code uncertainty.NAME}, I64 with the bits
 * of doubles, because a float would not resume bit for bit.
 */
final class SensitivityFile {

    private static final String SMOOTHED = "smoothed.";
    private static final String UNCERTAINTY = "uncertainty.";
    private static final String KEPT_SENSITIVITY = "keptSensitivity";
    private static final String KEPT_UNCERTAINTY = "keptUncertainty";

    private SensitivityFile() {}

    static void write(Path file, Smoothing smoothing, SortedMap<String, Track> tracks)
            throws IOException {
        SafetensorsWriter writer =
                new SafetensorsWriter()
                        .metadata(KEPT_SENSITIVITY, Double.toString(smoothing.sensitivity()))
                        .metadata(KEPT_UNCERTAINTY, Double.toString(smoothing.uncertainty()));
        tracks.forEach((name, track) -> {
            writer.longs(SMOOTHED + name, track.shape, bits(track.smoothed));
            writer.longs(UNCERTAINTY + name, track.shape, bits(track.uncertainty));
        });
        writer.write(file);
    }

    static Sensitivity read(Path file) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            Smoothing smoothing =
                    new Smoothing(
                            number(tensors, KEPT_SENSITIVITY), number(tensors, KEPT_UNCERTAINTY));
            SortedMap<String, Track> tracks = new TreeMap<>();
            for (String stored : tensors.names()) {
                if (stored.startsWith(SMOOTHED)) {
                    String name = stored.substring(SMOOTHED.length());
                    tracks.put(name, track(tensors, name));
                }
            }
            return new Sensitivity(smoothing, tracks);
        } catch (IllegalArgumentException
                | NoSuchElementException e) { // a tensor or number that is not as written
            throw new ModelRefusedException(file + " does not hold sensitivities", e);
        }
    }

    private static Track track(SafetensorsFile tensors, String name) {
        Shape shape = tensors.info(SMOOTHED + name).shape();
        if (!tensors.info(UNCERTAINTY + name).shape().equals(shape)) {
            throw new IllegalArgumentException("shapes of " + name + " differ");
        }
        return new Track(
                shape,
                doubles(tensors.longs(SMOOTHED + name)),
                doubles(tensors.longs(UNCERTAINTY + name)));
    }

    private static double number(SafetensorsFile tensors, String key) {
        String value = tensors.metadata().get(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key);
        }
        return Double.parseDouble(value);
    }

    private static long[] bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    private static double[] doubles(long[] bits) {
        return Arrays.stream(bits).mapToDouble(Double::longBitsToDouble).toArray();
    }
}
