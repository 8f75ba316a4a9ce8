package dev.espalier.agent.poll;

import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.agent.neighbour.UnavailableException;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Says what the test wrote down, and remembers what it was asked. */
final class ScriptedOrchestrator implements Orchestrator {

    private final Deque<RuntimeException> troubles = new ArrayDeque<>();
    private final Deque<RuntimeException> lostBeats = new ArrayDeque<>();
    private final Deque<RefusedException> refusedOutcomes = new ArrayDeque<>();
    private final Deque<Offer> offers = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();
    private Directive directive = new Directive(Directive.Action.CONTINUE, null);

    ScriptedOrchestrator thenFails(RuntimeException trouble) {
        troubles.add(trouble);
        return this;
    }

    /** As {@link #thenFails}, for heartbeats: they come from a thread of their own. */
    void thenLosesBeat(RuntimeException trouble) {
        lostBeats.add(trouble);
    }

    /** The next outcome, whatever is called before. */
    void refusesOutcome(RefusedException refusal) {
        refusedOutcomes.add(refusal);
    }

    ScriptedOrchestrator gives(Assignment assignment) {
        offers.add(new Offer.Work(assignment));
        return this;
    }

    void says(Directive.Action action) {
        directive = new Directive(action, "the test says so");
    }

    List<String> calls() {
        return calls;
    }

    static RefusedException refusal(ProblemType type) {
        return new RefusedException(
                "orchestrator",
                new Problem(type.uri(), type.title(), type.status(), "no", false, null));
    }

    static UnavailableException silence() {
        return new UnavailableException("silent");
    }

    @Override
    public void enrol(Capabilities capabilities) {
        called("enrol");
    }

    @Override
    public Offer poll(Capabilities capabilities, Duration wait) {
        called("poll");
        return offers.isEmpty() ? new Offer.Nothing(Duration.ofSeconds(3)) : offers.remove();
    }

    @Override
    public Directive progress(AssignmentId assignment, Progress progress) {
        if (!lostBeats.isEmpty()) {
            throw lostBeats.remove();
        }
        return directive;
    }

    @Override
    public void report(AssignmentId assignment, Outcome outcome) {
        called("report " + outcome.getClass().getSimpleName());
        if (!refusedOutcomes.isEmpty()) {
            throw refusedOutcomes.remove();
        }
    }

    private void called(String call) {
        calls.add(call);
        if (!troubles.isEmpty()) {
            throw troubles.remove();
        }
    }
}
