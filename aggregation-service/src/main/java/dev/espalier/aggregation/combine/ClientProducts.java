package dev.espalier.aggregation.combine;

import dev.espalier.aggregation.combine.StackedFactors.Piece;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.IndexSet;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The products {@code B_k A_k} of a round's clients, module by module, and their mean weighted by
 * training examples.
 *
 * <p>Clients come in ascending order of name, so the order of arrival changes no bit. In memory is
 * the module that was asked for, and nothing else.
 */
public final class ClientProducts implements AutoCloseable {

    /** What a component is that a client did not send. */
    public enum Absent {
        /** No part of what the client trained: it held fewer components. */
        NOTHING,
        /** As it was before: the client held it and left it alone. */
        PARENT
    }

    private final AdapterLayout layout;
    private final Absent absent;
    private final SafetensorsFile parent;
    private final List<OpenUpdate> updates;
    private final double examples;

    private ClientProducts(
            AdapterLayout layout, Absent absent, SafetensorsFile parent, List<OpenUpdate> updates) {
        this.layout = layout;
        this.absent = absent;
        this.parent = parent;
        this.updates = updates;
        this.examples = updates.stream().mapToDouble(OpenUpdate::examples).sum();
    }

    /**
     * @param parent the adapter file that the updates were trained from
     * @param updates in any order; those without examples count for nothing
     */
    public static ClientProducts open(
            AdapterLayout layout, Absent absent, Path parent, List<Brought> updates)
            throws IOException {
        List<OpenUpdate> opened = new ArrayList<>();
        SafetensorsFile before = SafetensorsFile.open(parent);
        try {
            for (Brought brought : Brought.inOrder(updates)) {
                opened.add(OpenUpdate.of(brought));
            }
            return new ClientProducts(layout, absent, before, opened);
        } catch (IOException | RuntimeException e) {
            opened.forEach(OpenUpdate::close);
            before.close();
            throw e;
        }
    }

    /** All that the adapter changes. */
    public SortedSet<String> modules() {
        return layout.tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .map(AdapterTensor::module)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The mean of the clients' products of one module, not scaled by alpha / rank. Where nobody
     * sent anything of it, that of the parent.
     *
     * @throws IllegalArgumentException if a client left out some of a component, as those do that
     *     prune heads
     */
    public StackedFactors mean(String module) throws IOException {
        ModuleFactors factors = ModuleFactors.of(module, layout);
        List<Piece> pieces = new ArrayList<>();
        double[] lacking = new double[factors.rank()];
        Arrays.fill(lacking, examples);
        for (OpenUpdate update : updates) {
            Sent sent = sent(factors, update);
            if (sent != null) {
                double[] weights = new double[sent.components().length];
                Arrays.fill(weights, update.examples() / examples);
                pieces.add(new Piece(weights, sent.a(), sent.b()));
                Arrays.stream(sent.components()).forEach(i -> lacking[i] -= update.examples());
            }
        }
        if (pieces.isEmpty()) {
            pieces.add(before(factors, lacking, examples));
        } else if (absent == Absent.PARENT && Arrays.stream(lacking).anyMatch(n -> n > 0)) {
            pieces.add(before(factors, lacking, examples));
        }
        return StackedFactors.stacked(factors.out(), factors.in(), pieces);
    }

    /** Of a module's weight: [out, in]. */
    public Shape shape(String module) {
        ModuleFactors factors = ModuleFactors.of(module, layout);
        return Shape.of(factors.out(), factors.in());
    }

    /** How many clients sent each component of a module. */
    public List<Integer> contributors(String module) throws IOException {
        AdapterTensor a = ModuleFactors.of(module, layout).a();
        int rank = a.shape().getFirst();
        int[] counts = new int[rank];
        for (OpenUpdate update : updates) {
            Optional<MaskedTensor> sent = update.sent(a);
            if (sent.isPresent()) {
                Arrays.stream(components(sent.get(), rank, true)).forEach(i -> counts[i]++);
            }
        }
        return Arrays.stream(counts).boxed().toList();
    }

    /** How many clients sent anything of a module. */
    int senders(String module) throws IOException {
        AdapterTensor a = ModuleFactors.of(module, layout).a();
        int count = 0;
        for (OpenUpdate update : updates) {
            count += update.sent(a).isPresent() ? 1 : 0;
        }
        return count;
    }

    AdapterLayout layout() {
        return layout;
    }

    SafetensorsFile parent() {
        return parent;
    }

    List<OpenUpdate> updates() {
        return updates;
    }

    @Override
    public void close() {
        updates.forEach(OpenUpdate::close);
        parent.close();
    }

    /** The components that the parent has alone, each with the weight of all that left it so. */
    private Piece before(ModuleFactors factors, double[] lacking, double all) {
        int rank = factors.rank();
        int[] kept = IntStream.range(0, rank).filter(i -> lacking[i] > 0).toArray();
        float[] a = parent.floats(factors.a().name());
        float[] b = parent.floats(factors.b().name());
        float[] rows = new float[kept.length * factors.in()];
        float[] columns = new float[factors.out() * kept.length];
        for (int c = 0; c < kept.length; c++) {
            System.arraycopy(a, kept[c] * factors.in(), rows, c * factors.in(), factors.in());
            for (int o = 0; o < factors.out(); o++) {
                columns[o * kept.length + c] = b[o * rank + kept[c]];
            }
        }
        return new Piece(
                Arrays.stream(kept).mapToDouble(i -> lacking[i] / all).toArray(), rows, columns);
    }

    /**
     * @param components c indices, ascending
     * @param a [c, in]
     * @param b [out, c]
     */
    @SuppressWarnings("ArrayRecordComponent") // never leaves this class
    private record Sent(int[] components, float[] a, float[] b) {}

    private static @Nullable Sent sent(ModuleFactors factors, OpenUpdate update)
            throws IOException {
        Optional<MaskedTensor> a = update.sent(factors.a());
        Optional<MaskedTensor> b = update.sent(factors.b());
        if (a.isEmpty() && b.isEmpty()) {
            return null;
        }
        if (a.isPresent() && b.isPresent()) {
            int[] components = components(a.get(), factors.rank(), true);
            if (Arrays.equals(components, components(b.get(), factors.rank(), false))) {
                return new Sent(components, values(a.get()), values(b.get()));
            }
        }
        throw new IllegalArgumentException(
                update.brought().agent() + " sent other components of A than of B: " + factors.a());
    }

    private static int[] components(MaskedTensor sent, int rank, boolean inRows) {
        return switch (sent.encoding()) {
            case Encoding.Dense _ -> IntStream.range(0, rank).toArray();
            case Encoding.Rows(IndexSet rows) when inRows -> rows.toArray();
            case Encoding.Columns(IndexSet columns) when !inRows -> columns.toArray();
            case Encoding.Rows _,
                    Encoding.Columns _,
                    Encoding.Cells _,
                    Encoding.Bitmap _,
                    Encoding.MaskOnly _ ->
                    throw new IllegalArgumentException(
                            sent.name() + " has parts of components; products need them whole");
        };
    }

    private static float[] values(MaskedTensor sent) {
        float[] values = new float[Math.toIntExact(sent.valueCount())];
        sent.readValues(0, values, 0, values.length);
        return values;
    }
}
