package dev.espalier.protocol.update;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What part of the model one client works on in one round: of the adapter where it trains, of the
 * base where it prunes. What is not named is wholly in scope.
 *
 * @param heads by attention block: the kept heads, ascending
 * @param components by target module: the trained rank-1 components, ascending
 * @param layers that are pruned, ascending
 */
@Schema(
        description =
                "The part of the adapter, or of the base, that one client works on and uploads;"
                        + " what is absent is whole.")
public record Scope(
        @Nullable Map<String, List<Integer>> heads,
        @Nullable Map<String, List<Integer>> components,
        @Nullable List<Integer> layers) {

    private static final Scope WHOLE = new Scope(null, null);

    public Scope {
        heads = ascending("head", heads);
        components = ascending("component", components);
        if (layers != null) {
            checkAscending("layer", "the model", layers);
            layers = List.copyOf(layers);
        }
    }

    /** A part of an adapter. */
    public Scope(
            @Nullable Map<String, List<Integer>> heads,
            @Nullable Map<String, List<Integer>> components) {
        this(heads, components, null);
    }

    /** Some layers of a base. */
    public static Scope ofLayers(Collection<Integer> layers) {
        return new Scope(null, null, List.copyOf(layers));
    }

    /** Everything. */
    public static Scope whole() {
        return WHOLE;
    }

    @JsonIgnore
    public boolean isWhole() {
        return equals(WHOLE);
    }

    private static @Nullable Map<String, List<Integer>> ascending(
            String what, @Nullable Map<String, List<Integer>> indices) {
        if (indices == null) {
            return null;
        }
        indices.forEach((name, list) -> checkAscending(what, name, list));
        return new TreeMap<>(indices);
    }

    private static void checkAscending(String what, String name, List<Integer> list) {
        int previous = -1;
        for (int index : list) {
            if (index <= previous) {
                throw new IllegalArgumentException(
                        what
                                + " indices of "
                                + name
                                + " must ascend from 0 without repeats: "
                                + list);
            }
            previous = index;
        }
    }
}
