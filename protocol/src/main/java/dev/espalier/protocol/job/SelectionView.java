package dev.espalier.protocol.job;

import dev.espalier.protocol.AgentName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why the cohort of a round is what it is: everything that entered the draw, so that it can be done
 * again from here.
 *
 * @param policy as the job has it
 * @param seed of the job; the draw is a function of it, the round and the recorded inputs
 * @param after where the agents take turns: the last that had its turn; absent before the first
 * @param wanted size of the cohort
 * @param candidates every agent that was alive and eligible, ascending
 * @param leftOut the others, each with its reason
 */
public record SelectionView(
        int round,
        SelectionSpec policy,
        long seed,
        @Nullable AgentName after,
        int wanted,
        List<Candidate> candidates,
        List<RoundView.LeftOut> leftOut) {

    /**
     * @param examples its training rows
     * @param visits in how many cohorts of the job it was before this round
     * @param key what a seeded draw compared, smallest first; absent where nothing was drawn
     * @param asked whether it was asked for a loss
     * @param globalLoss of the received adapter on its rows
     * @param ownLoss of its own last adapter on the same rows
     * @param lossRound the round in which these were measured; earlier than this round where it did
     *     not answer
     * @param score what the policy compared, largest first; absent: the policy compares none, or it
     *     has no loss of its own that could be compared
     * @param chosen whether it is in the cohort
     * @param reason in words
     */
    public record Candidate(
            AgentName agent,
            long examples,
            Integer visits,
            @Nullable Double key,
            boolean asked,
            @Nullable Double globalLoss,
            @Nullable Double ownLoss,
            @Nullable Integer lossRound,
            @Nullable Double score,
            boolean chosen,
            String reason) {

        public Candidate {
            visits = visits == null ? 0 : visits; // of before it was recorded
        }
    }
}
