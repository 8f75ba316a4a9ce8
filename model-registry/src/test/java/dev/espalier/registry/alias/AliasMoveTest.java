package dev.espalier.registry.alias;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.registry.model.Model;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AliasMoveTest {

    private static final AliasName CHAMPION = new AliasName("champion");
    private static final AliasName CHALLENGER = new AliasName("challenger");

    private final Model model =
            new Model(
                    new ModelName("spam-filter"),
                    Optional.empty(),
                    4,
                    Map.of(CHAMPION, 3),
                    Instant.EPOCH);

    @Test
    void whoKnowsWhereItPointsMayMoveIt() {
        assertThat(AliasMove.of(model, CHAMPION, new MoveAlias(4, 3)))
                .isEqualTo(new AliasMove.Moves(4));
    }

    @Test
    void itMovesBackToo() {
        assertThat(AliasMove.of(model, CHAMPION, new MoveAlias(1, 3)))
                .isEqualTo(new AliasMove.Moves(1));
    }

    @Test
    void aNewAliasExpectsNothing() {
        assertThat(AliasMove.of(model, CHALLENGER, new MoveAlias(4, null)))
                .isEqualTo(new AliasMove.Moves(4));
        assertThat(AliasMove.of(model, CHALLENGER, new MoveAlias(4, 3)))
                .isEqualTo(new AliasMove.PointsElsewhere(null));
    }

    @Test
    void whoIsBehindIsToldWhereItPoints() {
        assertThat(AliasMove.of(model, CHAMPION, new MoveAlias(4, 2)))
                .isEqualTo(new AliasMove.PointsElsewhere(3));
        assertThat(AliasMove.of(model, CHAMPION, new MoveAlias(4, null)))
                .isEqualTo(new AliasMove.PointsElsewhere(3));
    }

    @Test
    void aRepeatOfAMoveIsFree() {
        assertThat(AliasMove.of(model, CHAMPION, new MoveAlias(3, 2)))
                .isEqualTo(new AliasMove.AlreadyThere(3));
    }

    @Test
    void itPointsAtVersionsThatExist() {
        assertThat(AliasMove.of(model, CHAMPION, new MoveAlias(5, 3)))
                .isEqualTo(new AliasMove.NoSuchVersion(5));
    }

    @Test
    void latestFollowsPublishingAlone() {
        assertThat(AliasMove.of(model, new AliasName("latest"), new MoveAlias(3, 4)))
                .isEqualTo(new AliasMove.FollowsPublishing());
    }

    @Test
    void anAliasIsNotMistakenForANumber() {
        assertThat(AliasMove.of(model, new AliasName("3"), new MoveAlias(3, null)))
                .isEqualTo(new AliasMove.LooksLikeANumber());
    }
}
