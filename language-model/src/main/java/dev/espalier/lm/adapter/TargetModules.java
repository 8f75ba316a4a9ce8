package dev.espalier.lm.adapter;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which linear layers get an adapter, by the rules of PEFT's {@code target_modules}. */
public sealed interface TargetModules {

    boolean matches(String module);

    /** A module matches if its path is one of the names or ends with a dot and one of them. */
    record Names(List<String> names) implements TargetModules {

        public Names {
            names = names.stream().sorted().distinct().toList();
            if (names.isEmpty() || names.contains("")) {
                throw new IllegalArgumentException("target modules must be named");
            }
        }

        @Override
        public boolean matches(String module) {
            return names.stream().anyMatch(n -> module.equals(n) || module.endsWith("." + n));
        }
    }

    /** A module matches if its whole path fits the regular expression. */
    record Expression(String regex) implements TargetModules {

        public Expression {
            try {
                Pattern.compile(regex);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException("target modules: " + e.getMessage(), e);
            }
        }

        @Override
        public boolean matches(String module) {
            return Pattern.matches(regex, module);
        }
    }

    static TargetModules names(String... names) {
        return new Names(List.of(names));
    }

    static TargetModules expression(String regex) {
        return new Expression(regex);
    }

    /** The layers that PEFT adapts in models of that family when it is told nothing. */
    static TargetModules usual(ModelStructure structure) {
        return new Names(structure.defaultTargets());
    }

    /**
     * The layers of a model that match, in the order of the forward pass.
     *
     * @throws IllegalArgumentException if there is none
     */
    default List<LinearLayer> of(ModelStructure structure) {
        List<LinearLayer> found =
                structure.linears().stream().filter(l -> matches(l.module())).toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "no linear layer of a %s model matches %s".formatted(structure.family(), this));
        }
        return found;
    }
}
