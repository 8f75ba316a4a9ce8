package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.SelectionSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For what a cohort is wanted.
 *
 * @param seed of the job
 * @param round from 1
 * @param after where agents take turns: the last that had its turn
 * @param visits in how many cohorts of the job each agent was; one that is absent: in none
 */
public record Occasion(
        SelectionSpec policy,
        long seed,
        int round,
        @Nullable AgentName after,
        Map<AgentName, Integer> visits) {}
