package dev.espalier.protocol.job;

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
     */
    public record Round(
            int number,
            int cohort,
            List<List<Integer>> contributors,
            List<List<Double>> confidence) {}
}
