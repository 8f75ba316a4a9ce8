package dev.espalier.orchestrator.fleet;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.work.Progress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the fleet must know of the work its agents do. */
public interface AgentWork {

    /** What each busy agent works on. */
    Map<AgentName, Current> current();

    /** Ends all work of an agent that is no more. Within the caller's transaction. */
    void drop(AgentName agent, String reason);

    /** One piece of work under way. */
    record Current(AssignmentId assignment, @Nullable Progress progress) {}
}
