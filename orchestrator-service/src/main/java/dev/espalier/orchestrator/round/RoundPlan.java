package dev.espalier.orchestrator.round;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView.LeftOut;
import java.time.Instant;
import java.util.List;

/**
 * What was decided when the cohort was drawn.
 *
 * @param needed how many updates make the quorum
 * @param denseBytes what one client's adapter takes in f32 with nothing left out
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
        Instant startedAt) {}
