package dev.espalier.aggregation.publish;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A job's first adapter, drawn from the job's seed.
 *
 * <pre>
 *   A [r, in]        U(-1/sqrt(in), 1/sqrt(in))   PEFT's kaiming_uniform_(a = sqrt(5))
 *   B [out, r]       0, so that the adapter changes nothing yet
 *   head weight      N(0, 0.02)                   transformers' usual initializer_range
 *   head bias        0
 * </pre>
 *
 * <p>Every tensor has a stream of its own, from the seed and its name, so that its values do not
 * depend on which other tensors there are. Only exactly specified arithmetic is used: the same seed
 * gives the same bytes on every machine.
 */
final class AdapterDraw {

    private static final double HEAD_DEVIATION = 0.02;

    private final long seed;

    AdapterDraw(long seed) {
        this.seed = seed;
    }

    /**
     * @param labels kept in the file, from round to round, for the day it is merged
     */
    void write(AdapterLayout layout, List<String> labels, Path file) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata(AdapterLabels.metadata(labels));
        for (AdapterTensor tensor : layout.tensors()) {
            Shape shape = Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
            writer.floats(tensor.name(), shape, values(tensor));
        }
        writer.write(file);
    }

    float[] values(AdapterTensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.elements())];
        SplittableRandom stream = stream(tensor.name());
        switch (tensor.kind()) {
            case LORA_A -> uniform(values, 1 / Math.sqrt(tensor.shape().getLast()), stream);
            case TASK_HEAD_WEIGHT -> normal(values, stream);
            case LORA_B, TASK_HEAD_BIAS -> {} // stays zero
        }
        return values;
    }

    private SplittableRandom stream(String name) {
        byte[] hash =
                HexFormat.of().parseHex(Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex());
        return new SplittableRandom(mix(seed) ^ ByteBuffer.wrap(hash).getLong());
    }

    /** The splitmix64 finaliser over one step, as in algorithms.md D.4. */
    private static long mix(long x) {
        return new SplittableRandom(x).nextLong();
    }

    private static void uniform(float[] values, double bound, SplittableRandom stream) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (bound * (2 * stream.nextDouble() - 1));
        }
    }

    /** Box and Muller; StrictMath, because Math may differ in the last bit between machines. */
    private static void normal(float[] values, SplittableRandom stream) {
        for (int i = 0; i < values.length; i++) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - stream.nextDouble()));
            double angle = 2 * Math.PI * stream.nextDouble();
            values[i] = (float) (HEAD_DEVIATION * radius * StrictMath.cos(angle));
        }
    }
}
