package dev.espalier.aggregation.sparse;

import dev.espalier.tensors.combine.Contribution;
import dev.espalier.tensors.combine.Weight;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The updates of a round that count, mapped into memory, in ascending order of agent. */
final class Responders implements AutoCloseable {

    private final List<Responder> responders = new ArrayList<>();

    private record Responder(SparseUpdate update, UpdateFile file) {}

    private Responders() {}

    static Responders open(Collection<SparseUpdate> updates) throws IOException {
        Responders responders = new Responders();
        try {
            for (SparseUpdate update : inOrder(updates)) {
                responders.responders.add(new Responder(update, UpdateFile.open(update.file())));
            }
            return responders;
        } catch (IOException | RuntimeException e) {
            responders.close();
            throw e;
        }
    }

    private static List<SparseUpdate> inOrder(Collection<SparseUpdate> updates) {
        return updates.stream()
                .filter(update -> update.examples() > 0)
                .sorted(Comparator.comparing(SparseUpdate::agent))
                .toList();
    }

    /** Whether anybody pruned it. */
    boolean have(String matrix) {
        return responders.stream().anyMatch(one -> one.file().tensorNames().contains(matrix));
    }

    /** Who pruned it, all with the same weight (algorithms.md C.8 #5). */
    List<Contribution> of(String matrix, SparseParent parent) throws IOException {
        List<Contribution> contributions = new ArrayList<>();
        for (Responder one : responders) {
            if (one.file().tensorNames().contains(matrix)) {
                MaskedTensor sent = one.file().tensor(matrix, parent.shape(matrix));
                MaskedTensor kept =
                        sent.encoding() instanceof Encoding.MaskOnly
                                ? sent.withOwnValues(parent.reader(matrix))
                                : sent;
                contributions.add(
                        new Contribution(one.update().agent().value(), kept, Weight.of(1)));
            }
        }
        return contributions;
    }

    @Override
    public void close() {
        responders.forEach(one -> one.file().close());
    }
}
