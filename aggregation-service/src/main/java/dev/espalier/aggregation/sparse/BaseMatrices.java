package dev.espalier.aggregation.sparse;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The matrices of a base that may be pruned: the weight of every linear of its layers, and nothing
 * else (algorithms.md C.3 step 3).
 */
public final class BaseMatrices {

    private final SortedMap<String, Matrix> byName = new TreeMap<>();

    /**
     * One of them.
     *
     * @param name in the base's weights
     * @param layer that it lies in
     * @param inputFirst it lies as [in, out], not as [out, in]
     */
    public record Matrix(String name, int layer, int out, int in, boolean inputFirst) {

        /** As it lies in the weights. */
        public Shape shape() {
            return inputFirst ? Shape.of(in, out) : Shape.of(out, in);
        }

        public long elements() {
            return (long) out * in;
        }

        /** Where the weight stands by which one output reads one input. */
        public long index(int output, int input) {
            return inputFirst ? (long) input * out + output : (long) output * in + input;
        }
    }

    private BaseMatrices() {}

    /**
     * @param structure tells the layer of each linear
     * @param weights the files that together hold the base's weights
     * @throws ProblemException MODEL_DOES_NOT_FIT if these are not the weights of that structure
     */
    public static BaseMatrices of(ModelStructure structure, Collection<Path> weights)
            throws IOException {
        SortedMap<String, TensorInfo> tensors = new TreeMap<>();
        for (Path file : weights) {
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                opened.names().forEach(name -> tensors.put(name, opened.info(name)));
            }
        }
        List<Linear> linears = structure.linears();
        String prefix =
                BarePrefix.of(linears.stream().map(Linear::name).toList(), tensors::containsKey);
        BaseMatrices matrices = new BaseMatrices();
        if (!structure.tellsLayers()) {
            throw misfit(linears.getFirst().name() + " lies in no layer that the structure tells");
        }
        for (Linear linear : structure.linearsOf(structure.layersOfLinears())) {
            matrices.add(structure, linear, prefix, tensors);
        }
        return matrices;
    }

    private void add(
            ModelStructure structure,
            Linear linear,
            String prefix,
            SortedMap<String, TensorInfo> tensors) {
        int layer = Objects.requireNonNull(linear.layer());
        String name = linear.weight().substring(prefix.length());
        Matrix matrix = new Matrix(name, layer, linear.out(), linear.in(), structure.inputFirst());
        TensorInfo found = tensors.get(name);
        if (found == null || !found.dtype().isFloating() || !found.shape().equals(matrix.shape())) {
            throw misfit(
                    "the base has no floats %s of shape %s, as its structure says"
                            .formatted(name, matrix.shape()));
        }
        byName.put(name, matrix);
    }

    /** In ascending order. */
    public SortedSet<String> names() {
        return new TreeSet<>(byName.keySet());
    }

    /** Those of some layers, in ascending order of name. */
    public List<Matrix> of(Collection<Integer> layers) {
        return byName.values().stream().filter(one -> layers.contains(one.layer())).toList();
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
