package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.StackedFactors;
import dev.espalier.problem.ProblemException;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.util.SortedSet;

/** What a merge adds to a base. Modules and tensors are named as in the whole model. */
interface Additions {

    /** Whose weights change. */
    SortedSet<String> modules();

    /**
     * Of what is added to a module's weight: [out, in].
     *
     * @throws ProblemException MODEL_DOES_NOT_FIT if its factors do not make one product
     */
    Shape shape(String module);

    /** What is added to a module's weight, but for the scale. Not kept. */
    StackedFactors product(String module) throws IOException;

    /** Tensors that stand in the place of the base's, or beside them: a task head. */
    SortedSet<String> whole();

    /** Writes these. */
    void addWhole(SafetensorsWriter writer);
}
