package dev.espalier.orchestrator.fleet;

import dev.espalier.protocol.work.AgentView;

/** What became of an enrolment. All of these happen on a good day. */
sealed interface Enrolled {

    record New(AgentView agent) implements Enrolled {}

    /** The same agent, with the same secret, again. */
    record Known(AgentView agent) implements Enrolled {}

    /** Another agent, or one that lost its secret. */
    record NameTaken() implements Enrolled {}

    record TokenRefused() implements Enrolled {}
}
