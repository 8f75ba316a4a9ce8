package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView.LeftOut;
import dev.espalier.protocol.job.SelectionView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was decided when the cohort was drawn; before that, of whom it will be drawn.
 *
 * @param base the frozen base that the parent sits on
 * @param parent the version that the cohort works from: an adapter on {@code base}, or, where it
 *     prunes, the base itself
 * @param needed how many updates make the quorum; 0 before the cohort is drawn
 * @param denseBytes what one client's update takes in f32 with nothing left out
 * @param selection everything that entered the draw; absent in rounds of before it was recorded
 * @param work what is asked of each member of the cohort, and before the draw of each that is
 *     eligible
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
        PlannedWork work,
        Instant startedAt) {

    /** Once the cohort is drawn. */
    RoundPlan with(int quorum, SelectionView decided, PlannedWork ofCohort) {
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
                ofCohort,
                startedAt);
    }

    /** The adapter that the cohort works from; absent where it is the base itself. */
    @Nullable VersionRef adapter() {
        return parent.equals(base) ? null : parent;
    }

    /** What is asked of attention heads; absent where none are pruned. */
    @Nullable PlannedHeads heads() {
        return work instanceof PlannedWork.Tuning tuning ? tuning.heads() : null;
    }

    /** What is asked of rank-1 components; absent where all are trained. */
    @Nullable PlannedRanks ranks() {
        return work instanceof PlannedWork.Tuning tuning ? tuning.ranks() : null;
    }
}
