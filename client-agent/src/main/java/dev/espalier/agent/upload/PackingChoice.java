package dev.espalier.agent.upload;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Quantisation;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.tensors.quantised.BitBudget;
import dev.espalier.tensors.quantised.Precision;
import dev.espalier.tensors.quantised.QuantisedVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Gives every component of an update its bits, and tells what is lost by that. */
final class PackingChoice {

    private final AdapterLayout layout;
    private final Scope scope;
    private final AdapterWeights before;
    private final AdapterWeights after;

    PackingChoice(AdapterLayout layout, Scope scope, AdapterWeights before, AdapterWeights after) {
        this.layout = layout;
        this.scope = scope;
        this.before = before;
        this.after = after;
    }

    /** A row of A and the column of B that belongs to it. */
    private record Component(String module, int index, int in, int out, double importance) {

        long bytes(Precision precision) {
            return precision.bytes(in) + precision.bytes(out);
        }
    }

    Packing choose(UploadPlan plan) {
        List<Component> components = components();
        int[] bits = bits(plan, components);
        Map<String, List<Integer>> left = new TreeMap<>();
        Map<String, List<Integer>> bitsOfLeft = new TreeMap<>();
        for (int i = 0; i < bits.length; i++) {
            String module = components.get(i).module();
            List<Integer> indices = left.computeIfAbsent(module, _ -> new ArrayList<>());
            if (bits[i] != BitBudget.DROPPED) {
                indices.add(components.get(i).index());
                bitsOfLeft.computeIfAbsent(module, _ -> new ArrayList<>()).add(bits[i]);
            }
        }
        boolean dropped = IntStream.of(bits).anyMatch(one -> one == BitBudget.DROPPED);
        Scope sent = dropped ? narrowed(left) : scope;
        return new Packing(sent, new Quantisation(bitsOfLeft, error(sent, bitsOfLeft)));
    }

    private static int[] bits(UploadPlan plan, List<Component> components) {
        Integer fixed = plan.bits();
        Long budget = plan.budgetBytes();
        if (fixed != null && budget == null) {
            int[] bits = new int[components.size()];
            Arrays.fill(bits, Precision.of(fixed).bits());
            return bits;
        }
        if (fixed == null && budget != null) {
            return BitBudget.bits(
                    components.stream().mapToDouble(Component::importance).toArray(),
                    (component, precision) -> components.get(component).bytes(precision),
                    budget);
        }
        throw new IllegalArgumentException("a plan of upload has either bits or a budget");
    }

    /** Of modules of which anything is sent, by name of module, then by index. */
    private List<Component> components() {
        List<Component> components = new ArrayList<>();
        Map<String, CoveredPart> columns = new TreeMap<>();
        for (CoveredPart covered : covered(scope, AdapterTensor.Kind.LORA_B)) {
            columns.put(covered.tensor().module(), covered);
        }
        for (CoveredPart a : covered(scope, AdapterTensor.Kind.LORA_A)) {
            CoveredPart b = columns.get(a.tensor().module());
            if (b != null) {
                components.addAll(components(a, b));
            }
        }
        return components;
    }

    private List<Component> components(CoveredPart a, CoveredPart b) {
        double[] rows = importance(a);
        double[] columns = importance(b);
        int[] indices = a.components();
        return IntStream.range(0, indices.length)
                .mapToObj(i ->
                        new Component(
                                a.tensor().module(),
                                indices[i],
                                a.vectorLength(),
                                b.vectorLength(),
                                rows[i] + columns[i]))
                .toList();
    }

    /** The mean over every vector of {@code |w_new (w_old - w_new)|}. */
    private double[] importance(CoveredPart covered) {
        float[] from = covered.vectors(before.values(covered.tensor().name()));
        float[] to = covered.vectors(after.values(covered.tensor().name()));
        int length = covered.vectorLength();
        double[] importance = new double[covered.components().length];
        for (int i = 0; i < to.length; i++) {
            importance[i / length] += Math.abs(to[i] * ((double) from[i] - to[i])) / length;
        }
        return importance;
    }

    /** In ascending order of name. */
    private List<CoveredPart> covered(Scope scope, AdapterTensor.Kind kind) {
        List<CoveredPart> covered = new ArrayList<>();
        for (AdapterTensor tensor : layout.tensors()) {
            AdapterLayout.Part part = layout.part(tensor, scope);
            if (tensor.kind() == kind && !part.isEmpty()) {
                covered.add(new CoveredPart(tensor, part));
            }
        }
        return covered;
    }

    /** Every target module by name, so that nobody takes one that is not named for whole. */
    private Scope narrowed(Map<String, List<Integer>> kept) {
        Map<String, List<Integer>> named = new TreeMap<>();
        for (AdapterTensor tensor : layout.tensors()) {
            if (tensor.kind() == AdapterTensor.Kind.LORA_A) {
                named.put(tensor.module(), asked(tensor));
            }
        }
        named.putAll(kept);
        return new Scope(scope.heads(), named);
    }

    private List<Integer> asked(AdapterTensor a) {
        Map<String, List<Integer>> components = scope.components();
        List<Integer> asked = components == null ? null : components.get(a.module());
        return asked == null ? IntStream.range(0, a.shape().getFirst()).boxed().toList() : asked;
    }

    private double error(Scope left, Map<String, List<Integer>> bits) {
        double lost = 0;
        double all = 0;
        for (AdapterTensor.Kind kind :
                List.of(AdapterTensor.Kind.LORA_A, AdapterTensor.Kind.LORA_B)) {
            for (CoveredPart covered : covered(left, kind)) {
                float[] values = after.values(covered.tensor().name());
                float[] exact = covered.vectors(values);
                float[] rounded = read(covered.coded(values, precisions(covered, bits)));
                for (int i = 0; i < exact.length; i++) {
                    double off = (double) rounded[i] - exact[i];
                    lost += off * off;
                    all += (double) exact[i] * exact[i];
                }
            }
        }
        return all == 0 ? 0 : Math.sqrt(lost / all);
    }

    private static float[] read(QuantisedVectors vectors) {
        float[] values = new float[vectors.count() * vectors.length()];
        vectors.asRows().read(0, values, 0, values.length);
        return values;
    }

    /**
     * @throws IllegalArgumentException where a module has no bits
     */
    static List<Precision> precisions(CoveredPart covered, Map<String, List<Integer>> bits) {
        String module = covered.tensor().module();
        List<Integer> ofModule = bits.get(module);
        if (ofModule == null) {
            throw new IllegalArgumentException("no bits of " + module);
        }
        return ofModule.stream().map(Precision::of).toList();
    }
}
