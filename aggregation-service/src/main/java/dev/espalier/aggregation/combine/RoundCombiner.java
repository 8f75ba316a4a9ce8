package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.Contribution;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import dev.espalier.tensors.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

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
        List<OpenUpdate> opened = new ArrayList<>();
        try (SafetensorsFile previous = SafetensorsFile.open(parent)) {
            for (Brought brought : Brought.inOrder(updates)) {
                opened.add(OpenUpdate.of(brought));
            }
            SafetensorsWriter writer = new SafetensorsWriter().metadata(previous.metadata());
            for (AdapterTensor tensor : layout.tensors()) {
                add(writer, tensor, previous, opened, rule);
            }
            writer.write(result);
        } finally {
            opened.forEach(OpenUpdate::close);
        }
    }

    /**
     * Writes an adapter whose LoRA tensors somebody else makes; the task head is the mean weighted
     * by examples.
     *
     * @param result written whole or not at all: F32, all tensors of the layout, the parent's
     *     metadata
     */
    public void combine(
            ClientProducts round, Function<AdapterTensor, TensorSource> lora, Path result)
            throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata(round.parent().metadata());
        for (AdapterTensor tensor : round.layout().tensors()) {
            if (tensor.kind().isTaskHead()) {
                add(writer, tensor, round.parent(), round.updates(), new FedAvg());
            } else {
                writer.tensor(tensor.name(), DType.F32, Shapes.of(tensor), lora.apply(tensor));
            }
        }
        writer.write(result);
    }

    private void add(
            SafetensorsWriter writer,
            AdapterTensor tensor,
            SafetensorsFile previous,
            List<OpenUpdate> opened,
            AggregationRule rule) {
        Shape shape = Shapes.of(tensor);
        FloatReader before = previous.reader(tensor.name());
        Fallback fallback = rule.fallback(tensor);
        writer.tensor(
                tensor.name(),
                DType.F32,
                shape,
                sink ->
                        mean.combine(
                                shape,
                                before,
                                contributions(tensor, opened, rule, before),
                                fallback,
                                sink::floats));
    }

    private static List<Contribution> contributions(
            AdapterTensor tensor,
            List<OpenUpdate> opened,
            AggregationRule rule,
            FloatReader previous)
            throws IOException {
        List<Contribution> contributions = new ArrayList<>();
        for (OpenUpdate one : opened) {
            Optional<MaskedTensor> counted = rule.contributed(tensor, one, previous);
            if (counted.isPresent()) {
                String agent = one.brought().agent().value();
                contributions.add(new Contribution(agent, counted.get(), rule.weight(tensor, one)));
            }
        }
        return contributions;
    }
}
