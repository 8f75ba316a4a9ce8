package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** An update that counts, its file open: what a rule sees of one client. */
public final class OpenUpdate implements AutoCloseable {

    private final Brought brought;
    private final UpdateFile file;
    private final Map<String, Double> norms = new HashMap<>();

    private OpenUpdate(Brought brought, UpdateFile file) {
        this.brought = brought;
        this.file = file;
    }

    static OpenUpdate of(Brought brought) throws IOException {
        return new OpenUpdate(brought, UpdateFile.open(brought.file()));
    }

    Brought brought() {
        return brought;
    }

    /** The client's training examples n_k. */
    double examples() {
        return (double) brought.examples();
    }

    /** What the client sent of a tensor, as floats; empty for nothing. Valid until it is closed. */
    Optional<MaskedTensor> sent(AdapterTensor tensor) throws IOException {
        return file.tensorNames().contains(tensor.name())
                ? Optional.of(brought.contents().read(file, tensor))
                : Optional.empty();
    }

    /** {@link ProductNorm} of a module; found once, since both its factors ask for it. */
    double productNorm(String module, AdapterLayout layout) throws IOException {
        Double norm = norms.get(module);
        if (norm == null) {
            norm = ProductNorm.of(module, layout, this);
            norms.put(module, norm);
        }
        return norm;
    }

    @Override
    public void close() {
        file.close();
    }
}
