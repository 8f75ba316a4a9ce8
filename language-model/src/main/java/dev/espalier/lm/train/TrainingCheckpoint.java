package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Everything a run needs to go on as if it had not stopped. Order of examples and dropout follow
 * from seed and step, so there is no generator to be stored.
 *
 * @param fingerprint of settings and examples; a run with others refuses this checkpoint
 * @param weights after {@code step} steps
 * @param firstMoments of the optimiser, names as in weights
 * @param secondMoments of the optimiser, names as in weights
 * @param step steps done
 * @param examples seen, repeats counted
 * @param firstLoss loss of the first step; NaN before it
 * @param lossSum over the steps done
 * @param lastLoss loss of the last step; NaN before the first
 */
public record TrainingCheckpoint(
        String fingerprint,
        AdapterWeights weights,
        AdapterWeights firstMoments,
        AdapterWeights secondMoments,
        int step,
        long examples,
        double firstLoss,
        double lossSum,
        double lastLoss) {

    private static final String WEIGHTS = "weights.";
    private static final String FIRST = "first.";
    private static final String SECOND = "second.";

    /** Writes one safetensors file, forced to disk and moved into place as a whole. */
    public void write(Path file) throws IOException {
        SafetensorsWriter writer =
                new SafetensorsWriter()
                        .metadata("fingerprint", fingerprint)
                        .metadata("step", Integer.toString(step))
                        .metadata("examples", Long.toString(examples))
                        .metadata("firstLoss", Double.toString(firstLoss))
                        .metadata("lossSum", Double.toString(lossSum))
                        .metadata("lastLoss", Double.toString(lastLoss));
        put(writer, WEIGHTS, weights);
        put(writer, FIRST, firstMoments);
        put(writer, SECOND, secondMoments);
        writer.write(file);
    }

    /**
     * @throws ModelRefusedException if the file is not a checkpoint
     */
    public static TrainingCheckpoint read(Path file) throws IOException {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            Map<String, String> metadata = tensors.metadata();
            return new TrainingCheckpoint(
                    entry(metadata, "fingerprint"),
                    take(tensors, WEIGHTS),
                    take(tensors, FIRST),
                    take(tensors, SECOND),
                    Integer.parseInt(entry(metadata, "step")),
                    Long.parseLong(entry(metadata, "examples")),
                    Double.parseDouble(entry(metadata, "firstLoss")),
                    Double.parseDouble(entry(metadata, "lossSum")),
                    Double.parseDouble(entry(metadata, "lastLoss")));
        } catch (NumberFormatException e) {
            throw new ModelRefusedException(file + " is not a training checkpoint", e);
        }
    }

    private static String entry(Map<String, String> metadata, String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new ModelRefusedException("not a training checkpoint: no " + key);
        }
        return value;
    }

    private static void put(SafetensorsWriter writer, String prefix, AdapterWeights tensors) {
        for (String name : tensors.names()) {
            writer.floats(prefix + name, tensors.shape(name), tensors.values(name));
        }
    }

    private static AdapterWeights take(SafetensorsFile tensors, String prefix) {
        AdapterWeights.Builder taken = AdapterWeights.builder();
        for (String name : tensors.names()) {
            if (name.startsWith(prefix)) {
                taken.put(
                        name.substring(prefix.length()),
                        tensors.info(name).shape(),
                        tensors.floats(name));
            }
        }
        return taken.build();
    }
}
