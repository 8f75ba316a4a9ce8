package dev.espalier.agent.upload;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.Quantisation;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What of an adapter is sent, and how precisely (algorithms.md B.5).
 *
 * @param scope without the components that a budget left out
 * @param quantisation null: everything in f32
 */
public record Packing(Scope scope, @Nullable Quantisation quantisation) {

    /** Whether a plan has either bits, 4, 8, 16 or 32, or a budget. */
    public static boolean understands(UploadPlan plan) {
        Integer bits = plan.bits();
        return bits == null
                ? plan.budgetBytes() != null
                : plan.budgetBytes() == null && Arrays.asList(4, 8, 16, 32).contains(bits);
    }

    /** Everything, as it is. */
    public static Packing exact(Scope scope) {
        return new Packing(scope, null);
    }

    /**
     * As a plan says. Components are ranked by what this round made of them, {@code |w_new (w_old -
     * w_new)|}, mean over the row of A plus mean over the column of B, over what is in scope; all
     * modules together, ties by name of module and index (ours).
     *
     * @param scope what was trained
     * @param before the received adapter
     * @param after the same with what was trained in its place
     * @throws IllegalArgumentException if the plan is not {@link #understands understood}
     */
    public static Packing of(
            UploadPlan plan,
            AdapterLayout layout,
            Scope scope,
            AdapterWeights before,
            AdapterWeights after) {
        return new PackingChoice(layout, scope, before, after).choose(plan);
    }

    /** Whether a budget was too small for even one component. */
    public boolean holdsNoComponent() {
        return quantisation != null && quantisation.bits().isEmpty();
    }

    /**
     * What is known of trained components, of those that are sent, in their order.
     *
     * @param scores by module: of each trained component, ascending
     * @param trained the scope before anything was left out
     */
    public Map<String, List<Double>> ofSent(Map<String, List<Double>> scores, Scope trained) {
        Map<String, List<Integer>> sent = scope.components();
        if (sent == null) {
            return scores;
        }
        Map<String, List<Double>> left = new TreeMap<>();
        scores.forEach((module, all) -> {
            List<Integer> before = components(trained, module, all.size());
            List<Integer> after = components(scope, module, all.size());
            if (!after.isEmpty()) {
                left.put(module, after.stream().map(one -> all.get(before.indexOf(one))).toList());
            }
        });
        return left;
    }

    private static List<Integer> components(Scope scope, String module, int count) {
        Map<String, List<Integer>> components = scope.components();
        List<Integer> named = components == null ? null : components.get(module);
        return named == null ? IntStream.range(0, count).boxed().toList() : named;
    }
}
