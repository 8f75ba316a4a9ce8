package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.update.RoundWork;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sealed round that trained, with all that its version is made of.
 *
 * @param parent the adapter file that the updates were trained from
 * @param brought in ascending order of agent
 */
record RoundInputs(
        RoundTerms terms,
        RoundWork.FineTune work,
        Publisher.Frame frame,
        Path parent,
        List<Brought> brought,
        Lineage lineage) {

    /**
     * Of a version with a mask, or, where there is none, without.
     *
     * @param sparsity of its matrices
     */
    Lineage lineage(@Nullable List<MatrixSparsity> sparsity) {
        return new Lineage(
                lineage.parent(),
                lineage.job(),
                lineage.round(),
                lineage.roundNumber(),
                lineage.contributors(),
                sparsity);
    }

    /** Under which its versions are published: the same again is the same version. */
    String key() {
        return "round:" + terms.round();
    }
}
