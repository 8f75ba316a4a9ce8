package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.Contribution;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Combines the updates of one round into the adapter that follows its parent.
 *
 * <p>Tensors are read where they lie and written slice by slice, so memory does not grow with the
 * model or the cohort. The same updates give the same bytes, always.
 */
public final class RoundCombiner {

    private final MaskedMean mean;

    public RoundCombiner(MaskedMean mean) {
        this.mean = mean;
    }

    private record Opened(Brought brought, UpdateFile update) {}

    /**
     * Writes the adapter that follows.
     *
     * @param parent the adapter file that the updates were trained from
     * @param updates in any order; those without examples count for nothing
     * @param result written whole or not at all: F32, all tensors of the layout, the parent's
     *     metadata
     */
    public void combine(
            AdapterLayout layout,
            Path parent,
            List<Brought> updates,
            AggregationRule rule,
            Path result)
            throws IOException {
        List<Opened> opened = new ArrayList<>();
        try (SafetensorsFile previous = SafetensorsFile.open(parent)) {
            for (Brought brought : inOrder(updates)) {
                opened.add(new Opened(brought, UpdateFile.open(brought.file())));
            }
            SafetensorsWriter writer = new SafetensorsWriter().metadata(previous.metadata());
            for (AdapterTensor tensor : layout.tensors()) {
                add(writer, tensor, previous, opened, rule);
            }
            writer.write(result);
        } finally {
            opened.forEach(one -> one.update().close());
        }
    }

    private void add(
            SafetensorsWriter writer,
            AdapterTensor tensor,
            SafetensorsFile previous,
            List<Opened> opened,
            AggregationRule rule) {
        Shape shape = Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
        Fallback fallback = rule.fallback(tensor);
        writer.tensor(
                tensor.name(),
                DType.F32,
                shape,
                sink ->
                        mean.combine(
                                shape,
                                previous.reader(tensor.name()),
                                contributions(tensor, shape, opened, rule),
                                fallback,
                                sink::floats));
    }

    private static List<Contribution> contributions(
            AdapterTensor tensor, Shape shape, List<Opened> opened, AggregationRule rule)
            throws IOException {
        List<Contribution> contributions = new ArrayList<>();
        for (Opened one : opened) {
            if (one.update().tensorNames().contains(tensor.name())) {
                contributions.add(
                        new Contribution(
                                one.brought().agent().value(),
                                rule.contributed(tensor, one.update().tensor(tensor.name(), shape)),
                                rule.weight(tensor, one.brought())));
            }
        }
        return contributions;
    }

    private static List<Brought> inOrder(List<Brought> updates) {
        return updates.stream()
                .filter(update -> update.examples() > 0)
                .sorted(Comparator.comparing(Brought::agent))
                .toList();
    }
}
