package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;

/** The aggregation service over HTTP. */
final class HttpAggregation implements Aggregation {

    private static final String ROUND = "/api/v1/rounds/{round}";

    private final Line line;

    HttpAggregation(Line line) {
        this.line = line;
    }

    @Override
    public VersionManifest initialAdapter(InitialAdapter wanted) {
        return line.call(
                VersionManifest.class,
                client ->
                        client.put()
                                .uri("/api/v1/jobs/{job}/initial-adapter", wanted.job())
                                .body(wanted));
    }

    @Override
    public VersionManifest mergedModel(MergeAdapter wanted) {
        return line.call(
                VersionManifest.class,
                client ->
                        client.put()
                                .uri("/api/v1/jobs/{job}/merged-model", wanted.job())
                                .body(wanted));
    }

    @Override
    public RoundSessionView open(RoundSession session) {
        return line.call(
                RoundSessionView.class,
                client -> client.put().uri(ROUND, session.round()).body(session));
    }

    @Override
    public RoundSessionView view(RoundId round) {
        return line.call(RoundSessionView.class, client -> client.get().uri(ROUND, round));
    }

    @Override
    public RoundSessionView seal(RoundId round) {
        return line.call(
                RoundSessionView.class, client -> client.post().uri(ROUND + "/seal", round));
    }

    @Override
    public RoundSessionView cancel(RoundId round) {
        return line.call(
                RoundSessionView.class, client -> client.post().uri(ROUND + "/cancel", round));
    }
}
