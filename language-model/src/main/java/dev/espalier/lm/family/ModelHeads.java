package dev.espalier.lm.family;

import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.IndexSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The attention heads that a model has, and what follows from it for its layers and tensors: head h
 * owns rows of query, key and value and columns of output (algorithms.md, section 1). Immutable.
 *
 * <p>A block that has lost all heads adds the bias of its output and nothing else: its query, key
 * and value are gone, and so is the weight of its output.
 */
public final class ModelHeads {

    private final ModelStructure whole;
    private final HeadMask mask;
    private final List<BlockHeads> blocks;
    private final Map<String, LinearPart> parts = new HashMap<>();
    private final ModelStructure left;

    private ModelHeads(ModelStructure whole, HeadMask mask) {
        mask.requireFits(whole);
        this.whole = whole;
        this.mask = mask;
        blocks =
                IntStream.range(0, mask.blocks())
                        .mapToObj(
                                b -> new BlockHeads(b, whole.attention().get(b), mask.keptHeads(b)))
                        .toList();
        for (BlockHeads block : blocks) {
            if (!block.isWhole()) {
                cut(block);
            }
        }
        left = isWhole() ? whole : describe();
    }

    /** All of them. */
    public static ModelHeads all(ModelStructure whole) {
        return new ModelHeads(whole, HeadMask.all(whole));
    }

    /**
     * Those of a mask.
     *
     * @throws IllegalArgumentException if the mask is of another model
     */
    public static ModelHeads kept(ModelStructure whole, HeadMask mask) {
        return new ModelHeads(whole, mask);
    }

    private void cut(BlockHeads heads) {
        AttentionBlock block = heads.whole();
        LinearLayer output = whole.linear(block.output());
        parts.put(block.output(), new LinearPart(output, null, heads.lanes()));
        if (block.query().equals(block.key())) { // one layer makes all three
            LinearLayer all = whole.linear(block.query());
            parts.put(block.query(), new LinearPart(all, thrice(heads, all.out() / 3), null));
            return;
        }
        LinearLayer query = whole.linear(block.query());
        parts.put(block.query(), new LinearPart(query, heads.lanes(), null));
        for (String module : List.of(block.key(), block.value())) {
            LinearLayer shared = whole.linear(module);
            parts.put(module, new LinearPart(shared, heads.keyValueLanes(), null));
        }
    }

    private static IndexSet thrice(BlockHeads heads, int third) {
        int[] lanes = heads.lanes().toArray();
        return IndexSet.of(
                IntStream.range(0, 3 * lanes.length)
                        .map(i -> i / lanes.length * third + lanes[i % lanes.length])
                        .toArray());
    }

    public HeadMask mask() {
        return mask;
    }

    /** Whether no head was removed. */
    public boolean isWhole() {
        return blocks.stream().allMatch(BlockHeads::isWhole);
    }

    /** The model with all heads. */
    public ModelStructure whole() {
        return whole;
    }

    /** What is left of a block. */
    public BlockHeads block(int number) {
        return blocks.get(number);
    }

    /** What is left of a linear layer. */
    public LinearPart part(LinearLayer linear) {
        LinearPart part = parts.get(linear.module());
        return part == null ? new LinearPart(linear, null, null) : part;
    }

    /** The parts of the base's tensors that are left, where that is not the whole tensor. */
    public SortedMap<String, TensorPart> tensorParts() {
        SortedMap<String, TensorPart> tensors = new TreeMap<>();
        for (LinearPart part : parts.values()) {
            tensors.put(part.whole().weight(), part.weight());
            if (part.whole().biased() && part.outputs() != null) {
                tensors.put(part.whole().bias(), part.perOutput());
            }
        }
        return tensors;
    }

    /**
     * The tensors that are left.
     *
     * @param tensors of the model with all heads
     */
    public SortedMap<String, Shape> left(SortedMap<String, Shape> tensors) {
        SortedMap<String, Shape> left = new TreeMap<>(tensors);
        tensorParts()
                .forEach((name, part) -> {
                    if (part.isEmpty()) {
                        left.remove(name);
                    } else {
                        left.computeIfPresent(name, (_, shape) -> part.shape(shape));
                    }
                });
        return left;
    }

    /** The model as it is left. A block without heads stays in its place in the list. */
    public ModelStructure structure() {
        return left;
    }

    private ModelStructure describe() {
        return new ModelStructure(
                whole.family(),
                whole.layers(),
                whole.hidden(),
                whole.heads(),
                whole.headSize(),
                whole.intermediate(),
                whole.vocabulary(),
                whole.maxPositions(),
                whole.parameters() - removed(),
                whole.linears().stream()
                        .map(this::part)
                        .filter(part -> !part.isEmpty())
                        .map(LinearPart::left)
                        .toList(),
                blocks.stream().map(BlockHeads::left).toList(),
                whole.taskHeadModule(),
                whole.taskHeadLinears(),
                whole.labels(),
                whole.defaultTargets(),
                whole.initializerRange());
    }

    private long removed() {
        SortedMap<String, Shape> before = new TreeMap<>();
        parts.values().forEach(part -> part.whole().putInto(before));
        return elements(before) - elements(left(before));
    }

    private static long elements(SortedMap<String, Shape> tensors) {
        return tensors.values().stream().mapToLong(Shape::elements).sum();
    }
}
