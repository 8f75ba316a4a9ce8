package dev.espalier.aggregation.session;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.update.RoundSession;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was agreed for a round: the request that opened it, without its cohort, which has rows. */
public record RoundTerms(
        RoundId round,
        JobId job,
        int number,
        ModelName publishAs,
        VersionRef base,
        VersionRef parent,
        AdapterSpec adapter,
        TaskSpec task,
        AggregationSpec aggregation,
        @Nullable RankSpec ranks,
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
                session.adapter(),
                session.task(),
                session.aggregation(),
                session.ranks(),
                session.seed(),
                session.deadline());
    }

    /**
     * What a base is published as that this round makes (STACKING).
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
