package dev.espalier.registry.alias;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.registry.model.Model;
import org.jspecify.annotations.Nullable;

/** Whether an alias may move: compare-and-set, decided on the model as it stands. */
sealed interface AliasMove {

    /** Nobody moved it since the caller looked. */
    record Moves(int version) implements AliasMove {}

    /** It points there: a repeat, or somebody else had the same wish. */
    record AlreadyThere(int version) implements AliasMove {}

    /**
     * Somebody moved it since the caller looked.
     *
     * @param version where it points; null if there is no such alias
     */
    record PointsElsewhere(@Nullable Integer version) implements AliasMove {}

    record NoSuchVersion(int version) implements AliasMove {}

    /** Only publishing moves {@code latest}. */
    record FollowsPublishing() implements AliasMove {}

    /** A name of digits alone would be mistaken for a version's number. */
    record LooksLikeANumber() implements AliasMove {}

    static AliasMove of(Model model, AliasName alias, MoveAlias wish) {
        if (alias.equals(ModelPointer.LATEST)) {
            return new FollowsPublishing();
        }
        if (alias.value().chars().allMatch(Character::isDigit)) {
            return new LooksLikeANumber();
        }
        if (!model.has(wish.version())) {
            return new NoSuchVersion(wish.version());
        }
        Integer now = model.movable().get(alias);
        if (now != null && now == wish.version()) {
            return new AlreadyThere(now);
        }
        boolean asExpected = now == null ? wish.expected() == null : now.equals(wish.expected());
        return asExpected ? new Moves(wish.version()) : new PointsElsewhere(now);
    }
}
