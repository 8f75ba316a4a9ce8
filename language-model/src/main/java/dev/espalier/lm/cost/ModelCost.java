package dev.espalier.lm.cost;

import dev.espalier.lm.adapter.AdapterKey;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.tensors.masked.IndexSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a forward pass of a model with an adapter costs with the heads that it has left. A pure
 * function of structure and lengths (algorithms.md A.7, ours).
 *
 * <pre>
 *   per attention block, h = kept heads · d, queries Q and keys K of a text:
 *     linear    = Q H h  (query) + K H h  (key) + K H h  (value) + Q h H  (output)
 *     attention = 2 Q K h
 *     lora      = L r (in + out)    of every adapted layer;  L = Q, for key and value K
 *   per layer:
 *     feed      = Q · in · out      of every other linear layer of it, and L r (in + out) if adapted
 * </pre>
 *
 * <p>A rank-1 component that is held but not trained needs no gradient of its own and so costs what
 * the frozen base costs: it counts with the linear layer that it lies beside. An adapter of which
 * nothing is trained counts as if it were (ours).
 *
 * <p>Counted: the linear layers inside a model's layers, both attention products over all places of
 * the padded batch (also those that a causal mask hides), A and B. Not counted: embeddings, norms,
 * activations, softmax, the pooler, task and language heads, the loss, the optimiser. It is the
 * method's cost and not this implementation's: rows of the last layer that nobody reads are counted
 * all the same. What is done below the lowest trained layer is for {@link RunCost} to say.
 *
 * <p>Ours, since A.7 does not say: where heads share keys and values, key and value are as wide as
 * the shared heads that are left; a block without heads costs nothing, its adapters included; a
 * gated feed-forward sublayer has three layers.
 */
public final class ModelCost {

    /** The part of a path that modules of one layer have in common: up to its first number. */
    private static final Pattern LAYER = Pattern.compile("^.*?\\.\\d+\\.");

    private final ModelHeads heads;
    private final @Nullable AdapterSettings adapter;
    private final AdapterPart trained;
    private final Map<String, LinearLayer> whole;
    private final Map<String, LinearLayer> left;
    private final boolean writes;

    private ModelCost(ModelHeads heads, @Nullable AdapterSettings adapter, AdapterPart trained) {
        this.heads = heads;
        this.adapter = adapter;
        this.trained = trained;
        whole = byModule(heads.whole());
        left = byModule(heads.structure());
        writes =
                heads.whole().attention().stream()
                        .anyMatch(block -> block.kind() == AttentionKind.CROSS);
    }

    /** Where all of the adapter is trained. */
    public static ModelCost of(ModelHeads heads, AdapterSettings adapter) {
        return of(heads, adapter, AdapterPart.whole());
    }

    /**
     * @param trained what of the adapter is; only its rank-1 components matter
     */
    public static ModelCost of(ModelHeads heads, AdapterSettings adapter, AdapterPart trained) {
        return new ModelCost(heads, adapter, trained);
    }

    /** With no adapter over it. */
    public static ModelCost of(ModelHeads heads) {
        return new ModelCost(heads, null, AdapterPart.whole());
    }

    /** A batch, with rows of query, key and value and columns of output cut. */
    public Macs of(BatchShape batch) {
        return of(batch, left, layers());
    }

    /** The same of some layers alone. */
    Macs of(BatchShape batch, Collection<String> layers) {
        return of(batch, left, layers);
    }

    /** A batch, with rows of query, key and value cut, but output multiplied as a whole. */
    public Macs withWholeOutput(BatchShape batch) {
        return of(batch, whole, layers());
    }

    /** The same of some layers alone. */
    Macs withWholeOutput(BatchShape batch, Collection<String> layers) {
        return of(batch, whole, layers);
    }

    /** The layers' paths, in the order of the forward pass. */
    List<String> layers() {
        return layers(_ -> true);
    }

    /** Those of the stack that reads the input: all, unless there is an encoder and a decoder. */
    List<String> firstStack() {
        return layers(block -> !writes || block.kind() == AttentionKind.ENCODER);
    }

    private List<String> layers(Predicate<AttentionBlock> wanted) {
        return heads.whole().attention().stream()
                .filter(wanted)
                .map(block -> layer(block.name()))
                .distinct()
                .toList();
    }

    /** The linear layers inside one layer that has all heads. */
    List<LinearLayer> linears(String layer) {
        return heads.whole().linears().stream()
                .filter(linear -> layer(linear.module()).equals(layer))
                .toList();
    }

    /** The layers below the lowest that has one of these modules, in the same order. */
    List<String> below(Collection<String> modules) {
        Set<String> trained = modules.stream().map(ModelCost::layer).collect(Collectors.toSet());
        return layers().stream().takeWhile(layer -> !trained.contains(layer)).toList();
    }

    /**
     * @param outputs where the output layers are taken from
     * @param layers that count
     */
    private Macs of(BatchShape batch, Map<String, LinearLayer> outputs, Collection<String> layers) {
        if (writes != batch.target() > 0) {
            throw new IllegalArgumentException(
                    "targets of %d tokens for a %s model"
                            .formatted(batch.target(), heads.whole().family()));
        }
        Macs sum = Macs.NONE;
        Map<String, Integer> queries = new HashMap<>();
        for (AttentionBlock block : heads.structure().attention()) {
            if (!layers.contains(layer(block.name()))) {
                continue;
            }
            int asking = asking(block.kind(), batch);
            queries.put(layer(block.name()), asking);
            sum = sum.plus(attention(block, asking, asked(block.kind(), batch), outputs));
        }
        return sum.plus(feedForward(queries)).times(batch.size());
    }

    private Macs attention(
            AttentionBlock block, int asking, int asked, Map<String, LinearLayer> outputs) {
        Map<LinearLayer, Integer> layers = new LinkedHashMap<>();
        put(layers, left.get(block.query()), asking);
        put(layers, left.get(block.key()), asked);
        put(layers, left.get(block.value()), asked);
        put(layers, outputs.get(block.output()), asking);
        long linear = 0;
        long lora = 0;
        for (Map.Entry<LinearLayer, Integer> entry : layers.entrySet()) {
            linear += entry.getValue() * (product(entry.getKey()) + frozen(entry.getKey()));
            lora += entry.getValue() * lora(entry.getKey());
        }
        long products = 2L * asking * asked * block.heads() * block.headSize();
        return new Macs(linear, products, lora, 0, 0);
    }

    /** A layer that makes query, key and value in one is put once; one that is gone is not. */
    private static void put(
            Map<LinearLayer, Integer> layers, @Nullable LinearLayer layer, int length) {
        if (layer != null) {
            layers.put(layer, length);
        }
    }

    /**
     * @param queries how many tokens of a text a layer computes
     */
    private Macs feedForward(Map<String, Integer> queries) {
        List<String> attention =
                heads.whole().attention().stream()
                        .flatMap(b -> Stream.of(b.query(), b.key(), b.value(), b.output()))
                        .toList();
        long feedForward = 0;
        long lora = 0;
        for (LinearLayer linear : heads.whole().linears()) {
            int tokens = queries.getOrDefault(layer(linear.module()), 0);
            if (!attention.contains(linear.module())) {
                feedForward += tokens * (product(linear) + frozen(linear));
                lora += tokens * lora(linear);
            }
        }
        return new Macs(0, 0, 0, feedForward, lora);
    }

    private static long product(LinearLayer linear) {
        return (long) linear.in() * linear.out();
    }

    private long lora(LinearLayer linear) {
        return (long) trained(linear) * (linear.in() + linear.out());
    }

    private long frozen(LinearLayer linear) {
        return (long) (held(linear) - trained(linear)) * (linear.in() + linear.out());
    }

    private int held(LinearLayer linear) {
        AdapterSettings form = adapter;
        return form != null && form.targets().matches(linear.module()) ? form.rank() : 0;
    }

    private int trained(LinearLayer linear) {
        IndexSet components = trained.of(AdapterKey.a(linear.module())).rows();
        if (components == null || components.size() == 0) {
            return held(linear);
        }
        return Math.min(held(linear), components.size());
    }

    private int asking(AttentionKind kind, BatchShape batch) {
        return switch (kind) {
            case ENCODER -> batch.length();
            case DECODER, CROSS -> writes ? batch.target() : batch.length();
        };
    }

    private int asked(AttentionKind kind, BatchShape batch) {
        return kind == AttentionKind.CROSS ? batch.length() : asking(kind, batch);
    }

    /** Nothing for what lies outside all layers. */
    private static String layer(String module) {
        Matcher matcher = LAYER.matcher(module);
        return matcher.find() ? matcher.group() : "";
    }

    private static Map<String, LinearLayer> byModule(ModelStructure structure) {
        return structure.linears().stream()
                .collect(Collectors.toMap(LinearLayer::module, linear -> linear));
    }
}
