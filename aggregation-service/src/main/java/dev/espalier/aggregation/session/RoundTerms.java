package dev.espalier.aggregation.session;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** What was agreed for a round: the request that opened it, without its cohort, which has rows. */
public record RoundTerms(
        RoundId round,
        JobId job,
        int number,
        ModelName publishAs,
        VersionRef base,
        VersionRef parent,
        RoundWork work,
        long seed,
        Instant deadline) {

    static RoundTerms of(RoundSession session) {
        return new RoundTerms(
                session.round(),
                session.job(),
                session.number(),
                session.publishAs(),
                session.base(),
                session.parent(),
                session.work(),
                session.seed(),
                session.deadline());
    }

    /**
     * What a base is published as that this round makes: where it prunes, and with STACKING.
     *
     * @throws IllegalArgumentException if that is no name, because {@code publishAs} is too long
     */
    public ModelName publishBaseAs() {
        return RoundSession.basesOf(publishAs);
    }

    static List<RoundSession.Invitation> cohort(RoundSession session) {
        return session.cohort().stream()
                .sorted(Comparator.comparing(RoundSession.Invitation::agent))
                .toList();
    }
}
