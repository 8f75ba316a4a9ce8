package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView.LeftOut;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was decided when the cohort was drawn; before that, of whom it will be drawn.
 *
 * @param base the frozen base that the parent sits on
 * @param parent the adapter that the cohort trains from
 * @param needed how many updates make the quorum; 0 before the cohort is drawn
 * @param denseBytes what one client's adapter takes in f32 with nothing left out
 * @param selection everything that entered the draw; absent in rounds of before it was recorded
 * @param heads what is asked of attention heads; absent where none are pruned
 * @param shares what each member of the cohort gets, before the draw each that is eligible, in
 *     ascending order of agent; empty where all train everything and send it in f32
 * @param ranks what is asked of rank-1 components; absent where all are trained
 */
record RoundPlan(
        RoundId id,
        JobId job,
        int number,
        int phase,
        VersionRef base,
        VersionRef parent,
        int needed,
        long denseBytes,
        List<LeftOut> leftOut,
        @Nullable SelectionView selection,
        @Nullable PlannedHeads heads,
        List<Share> shares,
        @Nullable PlannedRanks ranks,
        Instant startedAt) {

    /** Once the cohort is drawn. */
    RoundPlan with(
            int quorum,
            SelectionView decided,
            @Nullable PlannedHeads plannedHeads,
            List<Share> sharesOfCohort,
            @Nullable PlannedRanks plannedRanks) {
        return new RoundPlan(
                id,
                job,
                number,
                phase,
                base,
                parent,
                quorum,
                denseBytes,
                Draw.leftOut(decided),
                decided,
                plannedHeads,
                sharesOfCohort,
                plannedRanks,
                startedAt);
    }

    /** What part of the adapter an agent trains; which heads, it chooses itself. */
    Scope scope(AgentName agent) {
        return ranks == null ? Scope.whole() : ranks.scope(agent);
    }

    /** How precisely an agent sends its update; absent: in f32. */
    @Nullable UploadPlan upload(AgentName agent) {
        return Share.of(agent, shares).map(Share::upload).orElse(null);
    }
}
