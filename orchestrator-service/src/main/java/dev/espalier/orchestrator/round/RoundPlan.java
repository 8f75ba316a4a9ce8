package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.heads.PlannedHeads;
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
 * @param needed how many updates make the quorum; 0 before the cohort is drawn
 * @param denseBytes what one client's adapter takes in f32 with nothing left out
 * @param selection everything that entered the draw; absent in rounds of before it was recorded
 * @param heads what is asked of attention heads; absent where none are pruned
 */
record RoundPlan(
        RoundId id,
        JobId job,
        int number,
        int phase,
        VersionRef parent,
        int needed,
        long denseBytes,
        List<LeftOut> leftOut,
        @Nullable SelectionView selection,
        @Nullable PlannedHeads heads,
        Instant startedAt) {

    RoundPlan with(
            int quorum,
            List<LeftOut> others,
            SelectionView decided,
            @Nullable PlannedHeads planned) {
        return new RoundPlan(
                id,
                job,
                number,
                phase,
                parent,
                quorum,
                denseBytes,
                others,
                decided,
                planned,
                startedAt);
    }
}
