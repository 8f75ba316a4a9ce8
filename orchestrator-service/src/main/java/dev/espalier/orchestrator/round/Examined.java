package dev.espalier.orchestrator.round;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.update.RoundSessionView;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A version that is evaluated.
 *
 * @param adapter absent where the base itself is evaluated
 * @param client whose own version it is; absent for that of all
 */
record Examined(VersionRef base, @Nullable VersionRef adapter, @Nullable AgentName client) {

    /** What a round became: one version, or one of each client where nothing was combined. */
    static List<Examined> of(Round round) {
        VersionRef published = Objects.requireNonNull(round.status().becomes());
        RoundSessionView session = round.session();
        if (session != null && session.standalone() != null && !session.standalone().isEmpty()) {
            return session.standalone().stream()
                    .map(own -> new Examined(own.version(), null, own.agent()))
                    .toList();
        }
        Footing left = Footing.after(published, round.baseAfter());
        return List.of(new Examined(left.base(), left.adapter(), null));
    }

    VersionRef version() {
        return adapter == null ? base : adapter;
    }
}
