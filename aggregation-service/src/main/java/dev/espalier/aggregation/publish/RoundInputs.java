package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.model.Lineage;
import java.nio.file.Path;
import java.util.List;

/**
 * A sealed round with all that its version is made of.
 *
 * @param parent the adapter file that the updates were trained from
 * @param brought in ascending order of agent
 */
record RoundInputs(
        RoundTerms terms,
        Publisher.Frame frame,
        Path parent,
        List<Brought> brought,
        Lineage lineage) {

    /** Under which its versions are published: the same again is the same version. */
    String key() {
        return "round:" + terms.round();
    }
}
