package dev.espalier.protocol.job;

import dev.espalier.protocol.AgentName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rank-1 components the clients trained, and what they are worth, round by round.
 *
 * @param modules target modules, in ascending order of name
 */
public record ComponentMap(List<Module> modules, List<Round> rounds) {

    /**
     * @param name of the linear
     */
    public record Module(String name, int rank) {}

    /**
     * @param number of the round
     * @param cohort how many updates counted
     * @param contributors per module and component: how many updates trained it
     * @param importance per module and component, after the round
     * @param age per module and component: rounds since it was last trained by anyone; 0: in this
     * @param truncationError per module: what the rank-optimal rule cut off, relative (Frobenius);
     *     absent with other rules
     * @param clients what each member of the cohort was told to train, in ascending order of agent
     */
    public record Round(
            int number,
            int cohort,
            List<List<Integer>> contributors,
            List<List<Double>> importance,
            List<List<Integer>> age,
            @Nullable List<Double> truncationError,
            List<Client> clients) {}

    /**
     * @param rank components of every module that it was allotted
     * @param components by module: those it was to train, ascending; absent: all
     */
    public record Client(
            AgentName agent, int rank, @Nullable Map<String, List<Integer>> components) {}
}
