package dev.espalier.aggregation.sparse;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.problem.ProblemType;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * What stands before the names of a model's modules and not before those in its weights:
 * checkpoints of a bare encoder leave out the name under which the whole model holds it, {@code
 * bert.} say.
 */
public final class BarePrefix {

    private static final String WEIGHT = ".weight";

    private BarePrefix() {}

    /**
     * Empty where the weights are named like the modules.
     *
     * @param modules whose weights all have to be there
     * @param held whether the weights hold a tensor of that name
     * @throws ProblemException MODEL_DOES_NOT_FIT if one of them is not, with the prefix or without
     */
    public static String of(Collection<String> modules, Predicate<String> held) {
        if (modules.isEmpty()) {
            return "";
        }
        String first = modules.iterator().next();
        String holder = first.substring(0, first.indexOf('.') + 1);
        for (String prefix : List.of("", holder)) {
            if (modules.stream().allMatch(module -> isUnder(prefix, module, held))) {
                return prefix;
            }
        }
        String missing =
                modules.stream()
                        .filter(module -> !isUnder("", module, held))
                        .findFirst()
                        .orElseThrow();
        throw new ProblemException(
                ProblemType.MODEL_DOES_NOT_FIT,
                "the base has no tensor " + missing + WEIGHT + ", which is to change");
    }

    private static boolean isUnder(String prefix, String module, Predicate<String> held) {
        return module.startsWith(prefix) && held.test(module.substring(prefix.length()) + WEIGHT);
    }
}
