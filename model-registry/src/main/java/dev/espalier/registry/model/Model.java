package dev.espalier.registry.model;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A model as it stands. Version n exists exactly when {@code 1 <= n <= versions}, since numbers
 * have no gaps and no version is ever deleted.
 *
 * @param description empty until somebody describes the model
 * @param movable aliases that callers move; {@code latest} is not among them, it follows the
 *     counter
 */
public record Model(
        ModelName name,
        Optional<String> description,
        int versions,
        Map<AliasName, Integer> movable,
        Instant createdAt) {

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    public Model {
        movable = Map.copyOf(movable);
    }

    public boolean has(int number) {
        return number >= 1 && number <= versions;
    }

    /** The version that a number or an alias names. */
    public OptionalInt resolve(String selector) {
        if (!NUMBER.matcher(selector).matches()) {
            Integer number = aliases().get(selector);
            return number == null ? OptionalInt.empty() : OptionalInt.of(number);
        }
        int number = Integer.parseInt(selector);
        return has(number) ? OptionalInt.of(number) : OptionalInt.empty();
    }

    /** Every alias with its number, in ascending order, {@code latest} too. */
    public Map<String, Integer> aliases() {
        Map<String, Integer> all = new TreeMap<>();
        movable.forEach((alias, number) -> all.put(alias.value(), number));
        if (versions > 0) {
            all.put(ModelPointer.LATEST.value(), versions);
        }
        return all;
    }
}
