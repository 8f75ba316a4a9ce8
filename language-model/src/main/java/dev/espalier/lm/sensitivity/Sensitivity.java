package dev.espalier.lm.sensitivity;

import dev.espalier.lm.adapter.AdapterKey;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.train.StepObserver;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much every trained value matters to the loss, smoothed over steps as in AdaLoRA (Zhang et al.
 * 2023, section 3.2), and from that how much every rank-1 component of an adapter does.
 *
 * <pre>
 *   I = |w g|
 *   Ī = β1 Ī + (1 - β1) I
 *   Ū = β2 Ū + (1 - β2) |I - Ī|        with the new Ī; both start at 0, without bias correction
 *   S_i = mean over row i of A + mean over column i of B        of Ī, or of Ī Ū
 * </pre>
 *
 * <p>Computed in double. One thread at a time may use it.
 */
public final class Sensitivity {

    private final Smoothing smoothing;
    private final SortedMap<String, Track> tracks;

    Sensitivity(Smoothing smoothing, SortedMap<String, Track> tracks) {
        this.smoothing = smoothing;
        this.tracks = tracks;
    }

    /**
     * Begins with nothing seen.
     *
     * @param shapes of all values that are trained, as {@code AdapterLayout.shapes()} has them
     */
    public static Sensitivity start(Map<String, Shape> shapes, Smoothing smoothing) {
        SortedMap<String, Track> tracks = new TreeMap<>();
        shapes.forEach((name, shape) -> tracks.put(name, new Track(shape)));
        return new Sensitivity(smoothing, tracks);
    }

    /**
     * Goes on from a file as if it had not stopped, bit for bit.
     *
     * @throws ModelRefusedException if the file is not one of {@link #write}
     */
    public static Sensitivity read(Path file) throws IOException {
        return SensitivityFile.read(file);
    }

    /** Writes one safetensors file, forced to disk and moved into place as a whole. */
    public void write(Path file) throws IOException {
        SensitivityFile.write(file, smoothing, tracks);
    }

    /** Follows a training run; to be handed to {@code TrainingRun.observe}. */
    public StepObserver observer(WeightsOfStep weights) {
        return change -> update(weights.of(change), change.gradients());
    }

    /**
     * Sees one more step.
     *
     * @param gradients of the loss at the weights, or a stand-in as {@link #gradientProxy}
     * @throws IllegalArgumentException if names or shapes are others than at the start, or a
     *     product is not a number; nothing has changed then
     */
    public void update(AdapterWeights weights, AdapterWeights gradients) {
        check(weights, gradients);
        tracks.forEach((name, track) ->
                track.add(smoothing, weights.values(name), gradients.values(name)));
    }

    private void check(AdapterWeights weights, AdapterWeights gradients) {
        SortedMap<String, Shape> shapes = shapes();
        if (!weights.shapes().equals(shapes) || !gradients.shapes().equals(shapes)) {
            throw new IllegalArgumentException("the values are not those that it began with");
        }
        for (String name : tracks.keySet()) {
            float[] w = weights.values(name);
            float[] g = gradients.values(name);
            for (int i = 0; i < w.length; i++) {
                if (!Double.isFinite((double) w[i] * g[i])) {
                    throw new IllegalArgumentException("not a number: sensitivity of " + name);
                }
            }
        }
    }

    /**
     * A stand-in for gradients where only the values before and after some steps are known: {@code
     * (before - after) / learning rate}. It needs no upload beyond the values themselves.
     *
     * @param learningRate above 0; a common factor leaves every ranking as it is
     */
    public static AdapterWeights gradientProxy(
            AdapterWeights before, AdapterWeights after, double learningRate) {
        AdapterWeights.Builder proxy = AdapterWeights.builder();
        for (String name : before.names()) {
            float[] from = before.values(name);
            float[] to = after.values(name);
            for (int i = 0; i < from.length; i++) {
                from[i] = (float) (((double) from[i] - to[i]) / learningRate);
            }
            proxy.put(name, before.shape(name), from);
        }
        return proxy.build();
    }

    /** Names and shapes of what is followed. */
    public SortedMap<String, Shape> shapes() {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        tracks.forEach((name, track) -> shapes.put(name, track.shape));
        return shapes;
    }

    /** Ī of a tensor in row order, a new array. */
    public double[] smoothed(String tensor) {
        return track(tensor).smoothed.clone();
    }

    /** Ū of a tensor in row order, a new array. */
    public double[] uncertainty(String tensor) {
        return track(tensor).uncertainty.clone();
    }

    /** The score of every element of a tensor in row order, a new array. */
    public double[] scores(String tensor, ElementScore kind) {
        return track(tensor).scores(kind);
    }

    /**
     * The importance of every rank-1 component of one adapted layer, a new array.
     *
     * @param module path of the layer, as {@code LinearLayer.module()}
     */
    public double[] components(String module, ElementScore element, ComponentScore component) {
        Track a = track(AdapterKey.a(module));
        int rank = Math.toIntExact(a.shape.dimension(0));
        return component.ofAll(
                rank, a.scores(element), track(AdapterKey.b(module)).scores(element));
    }

    /**
     * The same of the components that are trained, ascending, over their trained entries alone:
     * what does not move has no gradient, and would make them look less important than they are.
     *
     * @throws IllegalArgumentException if A and B have not as many trained components
     */
    public double[] components(
            String module, ElementScore element, ComponentScore component, AdapterPart trained) {
        TensorPart a = trained.of(AdapterKey.a(module));
        TensorPart b = trained.of(AdapterKey.b(module));
        Track rows = track(AdapterKey.a(module));
        Track columns = track(AdapterKey.b(module));
        long rank = a.shape(rows.shape).rows();
        if (rank != b.shape(columns.shape).rowElements()) {
            throw new IllegalArgumentException("A and B of " + module + " do not belong together");
        }
        return component.ofAll(
                Math.toIntExact(rank), rows.scores(element, a), columns.scores(element, b));
    }

    /**
     * The importance of every triplet of an adapter in AdaLoRA's form {@code B diag(values) A}, by
     * which its budget of ranks is shared out (Zhang et al. 2023, equation 8); a new array. All
     * three are names of tensors that are followed.
     *
     * @param a [rank, in]
     * @param values singular values, [rank, 1]
     * @param b [out, rank]
     */
    public double[] triplets(
            String a, String values, String b, ElementScore element, ComponentScore component) {
        return component.ofAll(
                track(a).scores(element), track(values).scores(element), track(b).scores(element));
    }

    private Track track(String name) {
        Track track = tracks.get(name);
        if (track == null) {
            throw new IllegalArgumentException("no tensor " + name + " is followed");
        }
        return track;
    }
}
