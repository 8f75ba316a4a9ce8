package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;

/**
 * The aggregation service. Every call may be repeated; each may fail with {@link
 * NeighbourUnavailable} or {@link NeighbourRefused}.
 */
public interface Aggregation {

    /** Publishes the first adapter of a job. */
    VersionManifest initialAdapter(InitialAdapter wanted);

    /** Publishes the merged model of a job. */
    VersionManifest mergedModel(MergeAdapter wanted);

    RoundSessionView open(RoundSession session);

    RoundSessionView view(RoundId round);

    /** From now on no update is taken; combining goes on behind it. */
    RoundSessionView seal(RoundId round);

    RoundSessionView cancel(RoundId round);
}
