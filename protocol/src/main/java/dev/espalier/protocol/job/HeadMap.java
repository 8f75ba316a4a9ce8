package dev.espalier.protocol.job;

import dev.espalier.protocol.AgentName;
import java.util.List;

/**
 * Which attention heads the clients kept, round by round.
 *
 * @param blocks attention blocks in the order of the model
 */
public record HeadMap(List<Block> blocks, List<Round> rounds) {

    /**
     * @param name path of the block in the base
     */
    public record Block(String name, int heads) {}

    /**
     * @param number of the round
     * @param cohort how many updates counted
     * @param contributors per block and head: how many of them kept it
     * @param confidence per block and head: mean over these, 0 where there are none
     * @param starved per block and head: for how many rounds nobody had kept it when the round was
     *     drawn
     * @param forced heads that one client each had to keep: the heads that starved longest, to the
     *     cohort in the order of the job's seed (algorithms.md D.7, ours)
     */
    public record Round(
            int number,
            int cohort,
            List<List<Integer>> contributors,
            List<List<Double>> confidence,
            List<List<Integer>> starved,
            List<Forced> forced) {}

    /**
     * A head that one client had to keep.
     *
     * @param block name of its block
     */
    public record Forced(AgentName agent, String block, int head) {}
}
