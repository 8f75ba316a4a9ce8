package dev.espalier.lm.adapter;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.LinearPart;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.tensors.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which tensors an adapter of that form has on that model. Immutable. */
public final class AdapterLayout {

    private final ModelHeads heads;
    private final AdapterSettings settings;
    private final List<LinearLayer> targets;
    private final List<LinearLayer> head;
    private final SortedMap<String, Shape> shapes = new TreeMap<>();

    /**
     * @throws IllegalArgumentException if no layer of the model is a target
     */
    public AdapterLayout(ModelStructure base, AdapterSettings settings) {
        this(ModelHeads.all(base), settings);
    }

    /**
     * On a model that lost heads: A and B are smaller by the inputs and outputs that are gone, and
     * a layer that is gone carries none.
     *
     * @throws IllegalArgumentException if no layer of the model with all heads is a target
     */
    public AdapterLayout(ModelHeads heads, AdapterSettings settings) {
        this.heads = heads;
        this.settings = settings;
        this.targets =
                settings.targets().of(heads.whole()).stream()
                        .map(heads::part)
                        .filter(part -> !part.isEmpty())
                        .map(LinearPart::left)
                        .toList();
        this.head = settings.trainedHead(heads.whole());
        for (LinearLayer linear : targets) {
            shapes.put(AdapterKey.a(linear.module()), Shape.of(settings.rank(), linear.in()));
            shapes.put(AdapterKey.b(linear.module()), Shape.of(linear.out(), settings.rank()));
        }
        for (LinearLayer linear : head) {
            shapes.put(AdapterKey.replaced(linear.weight()), linear.weightShape());
            shapes.put(AdapterKey.replaced(linear.bias()), Shape.of(linear.out()));
        }
    }

    /** The model that it lies on. */
    public ModelStructure base() {
        return heads.structure();
    }

    public AdapterSettings settings() {
        return settings;
    }

    /** The layers that carry A and B, in the order of the forward pass. */
    public List<LinearLayer> targets() {
        return targets;
    }

    /** The layers of a trained task head; empty if it is frozen. */
    public List<LinearLayer> head() {
        return head;
    }

    /**
     * The entries of an adapter on the model with all heads that belong to this one: rows of B that
     * make queries, keys and values of heads that are there, columns of A that read their outputs.
     * The other factor is shared by all heads. Nothing of a layer that is gone.
     */
    public AdapterPart part() {
        return AdapterPart.ofHeads(heads, settings);
    }

    /** The modules in which a part of the adapter is trained. */
    public Set<String> trainedModules(AdapterPart trained) {
        Stream<LinearLayer> adapted =
                targets.stream()
                        .filter(layer ->
                                !trained.of(AdapterKey.a(layer.module())).isEmpty()
                                        || !trained.of(AdapterKey.b(layer.module())).isEmpty());
        return Stream.concat(adapted, head.stream())
                .map(LinearLayer::module)
                .collect(Collectors.toSet());
    }

    /** All tensors by PEFT's name. */
    public SortedMap<String, Shape> shapes() {
        return new TreeMap<>(shapes);
    }

    /**
     * @throws IllegalArgumentException naming each tensor that is missing, superfluous or of
     *     another shape
     */
    public void check(AdapterWeights weights) {
        SortedMap<String, Shape> given = weights.shapes();
        List<String> wrong = new ArrayList<>();
        shapes.forEach((name, shape) -> {
            Shape other = given.remove(name);
            if (!Objects.equals(shape, other)) {
                wrong.add("%s must be %s, is %s".formatted(name, shape, other));
            }
        });
        given.keySet().forEach(name -> wrong.add(name + " does not belong to it"));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("the adapter does not fit: " + wrong);
        }
    }

    /**
     * On a model that lost heads a part may still name tensors that went with them.
     *
     * @throws IllegalArgumentException naming each tensor of the part that the adapter has nowhere,
     *     not even on the model with all heads, or that lacks its rows or columns
     */
    public void check(AdapterPart part) {
        Set<String> known =
                heads.isWhole()
                        ? shapes.keySet()
                        : new AdapterLayout(heads.whole(), settings).shapes.keySet();
        List<String> wrong = new ArrayList<>();
        for (String name : part.named()) {
            if (!known.contains(name)) {
                wrong.add(name + " does not belong to it");
            } else if (shapes.containsKey(name) && !part.of(name).fits(shapes.get(name))) {
                wrong.add(name + " is only " + shapes.get(name));
            }
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("the adapter has no such part: " + wrong);
        }
    }
}
