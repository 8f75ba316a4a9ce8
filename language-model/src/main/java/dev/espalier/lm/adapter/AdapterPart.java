package dev.espalier.lm.adapter;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.LinearPart;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.IndexSet;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Some entries of an adapter: what one client trains, or sends. Tensors that are not named are
 * meant whole, so a name that no adapter has would do the opposite of what was meant: {@link
 * AdapterLayout#check(AdapterPart)} refuses it. Immutable; prints as what it means, so that two
 * that print alike are alike.
 *
 * <p>Heads and rank-1 components cross: on query, key and value a head owns rows of B and a
 * component owns columns of it, so that {@link #and} leaves cells (algorithms.md D.1).
 */
public final class AdapterPart {

    private static final AdapterPart WHOLE = new AdapterPart(new TreeMap<>());

    private final SortedMap<String, TensorPart> parts;

    private AdapterPart(SortedMap<String, TensorPart> parts) {
        this.parts = parts;
    }

    /** All of it. */
    public static AdapterPart whole() {
        return WHOLE;
    }

    /**
     * @param parts by PEFT's name; tensors that are not named are meant whole
     */
    public static AdapterPart of(Map<String, TensorPart> parts) {
        SortedMap<String, TensorPart> named = new TreeMap<>(parts);
        named.values().removeIf(TensorPart::isWhole);
        return new AdapterPart(named);
    }

    /**
     * What belongs to heads that are left, of an adapter on the model with all heads. Mode {@code
     * REMOVE} trains it on the smaller model, mode {@code FREEZE} on the whole one (algorithms.md
     * A.8, number 5).
     */
    public static AdapterPart ofHeads(ModelHeads heads, AdapterSettings settings) {
        SortedMap<String, TensorPart> parts = new TreeMap<>();
        for (LinearLayer target : settings.targets().of(heads.whole())) {
            LinearPart left = heads.part(target);
            String a = AdapterKey.a(target.module());
            String b = AdapterKey.b(target.module());
            if (left.isEmpty()) {
                parts.put(a, TensorPart.NOTHING);
                parts.put(b, TensorPart.NOTHING);
            } else if (!left.isWhole()) {
                parts.put(a, left.perInput());
                parts.put(b, left.perOutput());
            }
        }
        return of(parts);
    }

    /**
     * What belongs to some rank-1 components: rows of A and columns of B (algorithms.md B.4).
     *
     * @param components by module; others are meant whole, an empty set leaves a module out
     */
    public static AdapterPart ofComponents(Map<String, IndexSet> components) {
        SortedMap<String, TensorPart> parts = new TreeMap<>();
        components.forEach((module, chosen) -> {
            parts.put(AdapterKey.a(module), TensorPart.rows(chosen));
            parts.put(AdapterKey.b(module), TensorPart.columns(chosen));
        });
        return of(parts);
    }

    /** What both have. */
    public AdapterPart and(AdapterPart other) {
        SortedMap<String, TensorPart> both = new TreeMap<>();
        TreeSet<String> names = new TreeSet<>(parts.keySet());
        names.addAll(other.parts.keySet());
        names.forEach(name -> both.put(name, of(name).and(other.of(name))));
        return of(both);
    }

    /** The tensors that are not meant whole, by PEFT's name. */
    SortedSet<String> named() {
        return new TreeSet<>(parts.keySet());
    }

    /** The part of one tensor, by PEFT's name. */
    public TensorPart of(String tensor) {
        return parts.getOrDefault(tensor, TensorPart.WHOLE);
    }

    /** Whether nothing is left out. */
    public boolean isWhole() {
        return parts.isEmpty();
    }

    /**
     * A smaller adapter of these entries alone; tensors that have none are gone.
     *
     * @throws IllegalArgumentException if the adapter has no such rows or columns
     */
    public AdapterWeights taken(AdapterWeights adapter) {
        AdapterWeights.Builder taken = AdapterWeights.builder();
        adapter.shapes()
                .forEach((name, shape) -> {
                    TensorPart part = of(name);
                    if (!part.isEmpty()) {
                        taken.put(name, part.shape(shape), part.taken(shape, adapter.values(name)));
                    }
                });
        return taken.build();
    }

    /**
     * The adapter with these entries replaced; all others keep their bits.
     *
     * @param smaller of the form that {@link #taken} gives
     * @throws IllegalArgumentException if it is of another form
     */
    public AdapterWeights put(AdapterWeights adapter, AdapterWeights smaller) {
        requireForm(adapter, smaller);
        AdapterWeights.Builder merged = AdapterWeights.builder();
        adapter.shapes()
                .forEach((name, shape) -> {
                    float[] values = adapter.values(name);
                    if (!of(name).isEmpty()) {
                        of(name).put(shape, values, smaller.values(name));
                    }
                    merged.put(name, shape, values);
                });
        return merged.build();
    }

    private void requireForm(AdapterWeights adapter, AdapterWeights smaller) {
        SortedMap<String, Shape> expected = new TreeMap<>();
        adapter.shapes()
                .forEach((name, shape) -> {
                    if (!of(name).isEmpty()) {
                        expected.put(name, of(name).shape(shape));
                    }
                });
        if (!expected.equals(smaller.shapes())) {
            throw new IllegalArgumentException(
                    "the smaller adapter has other tensors or shapes than this part");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AdapterPart that && parts.equals(that.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }

    @Override
    public String toString() {
        return "AdapterPart" + parts;
    }
}
