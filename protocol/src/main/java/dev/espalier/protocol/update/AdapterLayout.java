package dev.espalier.protocol.update;

import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.model.ModelStructure.Linear;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every trainable tensor of a job's adapter with its shape: a pure function of base structure,
 * adapter and task, so that agents, orchestrator and aggregation service agree without asking each
 * other.
 *
 * @param tensors in ascending order of name
 */
public record AdapterLayout(List<AdapterTensor> tensors, ModelStructure structure) {

    /** What PEFT puts before every module name. */
    public static final String PREFIX = "base_model.model.";

    public AdapterLayout {
        tensors = tensors.stream().sorted(Comparator.comparing(AdapterTensor::name)).toList();
    }

    /**
     * @throws IllegalArgumentException where a target names no linear of the model, or names none
     *     at all
     */
    public static AdapterLayout of(ModelStructure structure, AdapterSpec adapter, TaskSpec task) {
        List<AdapterTensor> tensors = new ArrayList<>();
        for (Linear linear : targeted(structure, adapter)) {
            tensors.add(lora(linear, "A", AdapterTensor.Kind.LORA_A, adapter.rank(), linear.in()));
            tensors.add(lora(linear, "B", AdapterTensor.Kind.LORA_B, linear.out(), adapter.rank()));
        }
        for (Linear head : structure.classificationHead()) {
            int out = head.out() == 0 ? task.labels().size() : head.out();
            tensors.add(
                    taskHead(
                            head,
                            "weight",
                            AdapterTensor.Kind.TASK_HEAD_WEIGHT,
                            List.of(out, head.in())));
            if (head.bias()) {
                tensors.add(
                        taskHead(head, "bias", AdapterTensor.Kind.TASK_HEAD_BIAS, List.of(out)));
            }
        }
        return new AdapterLayout(tensors, structure);
    }

    public Optional<AdapterTensor> tensor(String name) {
        return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
    }

    /**
     * Bytes of all values, f32, nothing left out: the dense baseline of one client (algorithms.md
     * D.6).
     */
    public long denseBytes() {
        return 4 * tensors.stream().mapToLong(AdapterTensor::elements).sum();
    }

    /** Bytes of the task head's values, f32. */
    public long taskHeadBytes() {
        return 4
                * tensors.stream()
                        .filter(tensor -> tensor.kind().isTaskHead())
                        .mapToLong(AdapterTensor::elements)
                        .sum();
    }

    /**
     * The part of one tensor that a scope covers. Heads own rows of B on q, k, v and columns of A
     * on o; components own rows of A and columns of B (algorithms.md section 1). The factor that
     * belongs to no head is whole, unless every head of its block is pruned: then the module is not
     * uploaded at all (A.3 step 6).
     */
    public Part part(AdapterTensor tensor, Scope scope) {
        if (tensor.kind().isTaskHead()) {
            return Part.WHOLE;
        }
        boolean isA = tensor.kind() == AdapterTensor.Kind.LORA_A;
        List<Integer> components =
                scope.components() == null ? null : scope.components().get(tensor.module());
        List<Integer> heads = keptHeads(tensor.module(), scope);
        if (heads != null && heads.isEmpty()) {
            return new Part(List.of(), null);
        }
        HeadAxis axis = headAxis(tensor).orElse(null);
        List<Integer> byHead = heads == null || axis == null ? null : axis.indicesOf(heads);
        boolean onColumns = axis != null && axis.axis() == HeadAxis.Axis.COLUMNS;
        List<Integer> rows = isA ? components : null;
        List<Integer> columns = isA ? null : components;
        return onColumns
                ? new Part(rows, byHead)
                : new Part(byHead == null ? rows : byHead, columns);
    }

    /**
     * How heads divide a tensor; empty for the factor that belongs to all heads of a module, and
     * for what is no part of attention.
     */
    public Optional<HeadAxis> headAxis(AdapterTensor tensor) {
        AttentionBlock block = tensor.kind().isTaskHead() ? null : blockOf(tensor.module());
        if (block == null) {
            return Optional.empty();
        }
        boolean isA = tensor.kind() == AdapterTensor.Kind.LORA_A;
        boolean isOutput = block.output().equals(tensor.module());
        if (isA != isOutput) {
            return Optional.empty();
        }
        return Optional.of(isOutput ? columns(block) : rows(block, tensor.module()));
    }

    private static HeadAxis columns(AttentionBlock block) {
        int heads = block.heads();
        return new HeadAxis(block.name(), HeadAxis.Axis.COLUMNS, heads, heads, block.headSize(), 1);
    }

    private static HeadAxis rows(AttentionBlock block, String module) {
        boolean fused = block.query().equals(block.key());
        boolean own = block.query().equals(module);
        return new HeadAxis(
                block.name(),
                HeadAxis.Axis.ROWS,
                block.heads(),
                own ? block.heads() : block.keyValueHeads(),
                block.headSize(),
                fused ? 3 : 1);
    }

    /**
     * Rows and columns of a tensor that are in scope, ascending.
     *
     * @param rows null: all
     * @param columns null: all
     */
    public record Part(@Nullable List<Integer> rows, @Nullable List<Integer> columns) {

        static final Part WHOLE = new Part(null, null);

        public boolean isWhole() {
            return rows == null && columns == null;
        }

        /** Nothing of the tensor is in scope: it must not be uploaded. */
        public boolean isEmpty() {
            return rows != null && rows.isEmpty() || columns != null && columns.isEmpty();
        }
    }

    private static Set<Linear> targeted(ModelStructure structure, AdapterSpec adapter) {
        List<String> names =
                adapter.targetModules() == null
                        ? structure.defaultTargetModules()
                        : adapter.targetModules();
        Set<Linear> linears = new LinkedHashSet<>();
        for (String name : names) {
            List<Linear> found = structure.targets(name);
            if (found.isEmpty()) {
                throw new IllegalArgumentException(
                        "target module '"
                                + name
                                + "' names no linear layer of this "
                                + structure.family()
                                + " model");
            }
            linears.addAll(found);
        }
        if (linears.isEmpty()) {
            throw new IllegalArgumentException("the adapter targets no module");
        }
        return linears;
    }

    private static AdapterTensor lora(
            Linear linear, String factor, AdapterTensor.Kind kind, int rows, int columns) {
        String name = PREFIX + linear.name() + ".lora_" + factor + ".weight";
        return new AdapterTensor(name, kind, linear.name(), List.of(rows, columns));
    }

    private static AdapterTensor taskHead(
            Linear head, String part, AdapterTensor.Kind kind, List<Integer> shape) {
        return new AdapterTensor(PREFIX + head.name() + "." + part, kind, head.name(), shape);
    }

    private @Nullable List<Integer> keptHeads(String module, Scope scope) {
        Map<String, List<Integer>> heads = scope.heads();
        AttentionBlock block = blockOf(module);
        return heads == null || block == null ? null : heads.get(block.name());
    }

    private @Nullable AttentionBlock blockOf(String module) {
        return structure.attentionBlocks().stream()
                .filter(block ->
                        List.of(block.query(), block.key(), block.value(), block.output())
                                .contains(module))
                .findFirst()
                .orElse(null);
    }
}
