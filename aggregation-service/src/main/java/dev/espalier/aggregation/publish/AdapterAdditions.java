package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.StackedFactors;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** An adapter file with PEFT's names, whoever wrote it: B A for every target, and its task head. */
final class AdapterAdditions implements Additions {

    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final SafetensorsFile adapter;

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT if a tensor is not named as PEFT does
     */
    AdapterAdditions(SafetensorsFile adapter) {
        adapter.names().forEach(AdapterAdditions::plain);
        this.adapter = adapter;
    }

    @Override
    public SortedSet<String> modules() {
        return adapter.names().stream()
                .filter(name -> name.endsWith(A))
                .map(name -> plain(name.substring(0, name.length() - A.length())))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public Shape shape(String module) {
        String stored = AdapterLayout.PREFIX + module;
        if (!adapter.contains(stored + B)) {
            throw misfit(module + " has a factor A and no B");
        }
        Shape a = adapter.info(stored + A).shape();
        Shape b = adapter.info(stored + B).shape();
        if (a.rank() != 2 || b.rank() != 2 || a.dimension(0) != b.dimension(1)) {
            throw misfit("%s: B %s and A %s make no product".formatted(module, b, a));
        }
        return Shape.of(b.dimension(0), a.dimension(1));
    }

    @Override
    public StackedFactors product(String module) {
        Shape shape = shape(module);
        String stored = AdapterLayout.PREFIX + module;
        return StackedFactors.of(
                (int) shape.dimension(0),
                (int) shape.dimension(1),
                adapter.floats(stored + A),
                adapter.floats(stored + B));
    }

    @Override
    public SortedSet<String> whole() {
        return adapter.names().stream()
                .filter(name -> !name.endsWith(A) && !name.endsWith(B))
                .map(AdapterAdditions::plain)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public void addWhole(SafetensorsWriter writer) {
        for (String name : whole()) {
            String stored = AdapterLayout.PREFIX + name;
            TensorInfo info = adapter.info(stored);
            writer.raw(name, info.dtype(), info.shape(), adapter.bytes(stored));
        }
    }

    private static String plain(String name) {
        if (!name.startsWith(AdapterLayout.PREFIX)) {
            throw misfit("the adapter's tensor " + name + " is not named as PEFT does");
        }
        return name.substring(AdapterLayout.PREFIX.length());
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
