package dev.espalier.aggregation;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Quantisation;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.VectorAxis;
import dev.espalier.tensors.quantised.Precision;
import dev.espalier.tensors.quantised.QuantisedVectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an agent sends with fewer bits, made from what it would have sent. */
public final class Quantised {

    private Quantised() {}

    /** The same tensors; those of modules that are named, with these bits. */
    public static List<MaskedTensor> of(
            AdapterLayout layout, List<MaskedTensor> tensors, Map<String, List<Integer>> bits) {
        List<MaskedTensor> quantised = new ArrayList<>();
        for (MaskedTensor one : tensors) {
            AdapterTensor tensor = layout.tensor(one.name()).orElseThrow();
            List<Integer> ofModule = bits.get(tensor.module());
            boolean isTaskHead = tensor.kind().isTaskHead();
            quantised.add(isTaskHead || ofModule == null ? one : quantised(tensor, one, ofModule));
        }
        return quantised;
    }

    /** So many bits for each component that the tensors hold. */
    public static Map<String, List<Integer>> bits(
            AdapterLayout layout, List<MaskedTensor> tensors, int bits) {
        Map<String, List<Integer>> all = new TreeMap<>();
        for (MaskedTensor one : tensors) {
            AdapterTensor tensor = layout.tensor(one.name()).orElseThrow();
            if (tensor.kind() == AdapterTensor.Kind.LORA_A) {
                int components = (int) one.packedShape().dimension(0);
                all.put(tensor.module(), java.util.Collections.nCopies(components, bits));
            }
        }
        return all;
    }

    /** The manifest with bits in it. */
    public static UpdateManifest manifest(
            UpdateManifest plain, Map<String, List<Integer>> bits, double error) {
        return new UpdateManifest(
                plain.schema(),
                plain.round(),
                plain.agent(),
                plain.parent(),
                plain.scope(),
                plain.headConfidence(),
                plain.componentScores(),
                new Quantisation(bits, error),
                plain.examples(),
                plain.steps(),
                plain.lossBefore(),
                plain.lossAfter(),
                plain.trainSeconds());
    }

    /** The manifest with these importances in it. */
    public static UpdateManifest scored(
            UpdateManifest plain, Map<String, List<Double>> importance) {
        return new UpdateManifest(
                plain.schema(),
                plain.round(),
                plain.agent(),
                plain.parent(),
                plain.scope(),
                plain.headConfidence(),
                importance,
                plain.quantisation(),
                plain.examples(),
                plain.steps(),
                plain.lossBefore(),
                plain.lossAfter(),
                plain.trainSeconds());
    }

    private static MaskedTensor quantised(
            AdapterTensor tensor, MaskedTensor plain, List<Integer> bits) {
        boolean isA = tensor.kind() == AdapterTensor.Kind.LORA_A;
        int rows = (int) plain.packedShape().dimension(0);
        int columns = (int) plain.packedShape().dimension(1);
        float[] values = new float[rows * columns];
        plain.readValues(0, values, 0, values.length);
        QuantisedVectors vectors =
                QuantisedVectors.encode(
                        isA ? values : transposed(values, rows, columns),
                        isA ? columns : rows,
                        bits.stream().map(Precision::of).toList());
        VectorAxis axis = isA ? VectorAxis.ROWS : VectorAxis.COLUMNS;
        return MaskedTensor.quantised(plain.name(), plain.shape(), plain.encoding(), axis, vectors);
    }

    private static float[] transposed(float[] values, int rows, int columns) {
        float[] transposed = new float[values.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                transposed[c * rows + r] = values[r * columns + c];
            }
        }
        return transposed;
    }
}
