package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.work.RankPlan;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which components each client of a round trains, decided and recorded when its cohort was drawn. A
 * pure function of the job, the cohort's shares and what earlier rounds told.
 *
 * @param choice how the components were chosen
 * @param turn how many rounds had published a version, see {@link Measured}
 * @param measuredIn the round whose importances and ages decided; absent where there was none
 * @param modules target modules, in ascending order of name
 * @param clients in ascending order of agent
 * @param replaced what was put in the place of the lowest ranked, since nobody had trained it for
 *     longest
 */
public record PlannedRanks(
        Choice choice,
        int turn,
        @Nullable Integer measuredIn,
        List<String> modules,
        List<Client> clients,
        List<Replaced> replaced) {

    /** How the components of a round were chosen. */
    public enum Choice {
        /** Windows of them rotate over the clients, since nothing is known of importance yet. */
        COLD_START,
        /** The most important ones. */
        IMPORTANCE,
        /** The first ones. */
        PREFIX,
        /** All of them. */
        ALL
    }

    /**
     * @param rank how many of every module it was allotted
     * @param components by module in the order of the plan, ascending; absent: all
     */
    public record Client(AgentName agent, int rank, @Nullable List<List<Integer>> components) {}

    /**
     * A component that one client trains out of turn (algorithms.md B.8 #10, ours).
     *
     * @param component the longest untouched one that nobody was to train
     * @param instead the lowest ranked one of those that the client was to train
     * @param age for how many rounds nobody had trained the former
     */
    public record Replaced(AgentName agent, String module, int component, int instead, int age) {}

    /**
     * @param modules target modules, in ascending order of name
     * @param rank of the adapter
     * @param cohort in any order
     */
    public static PlannedRanks plan(
            RankSpec settings,
            List<String> modules,
            int rank,
            List<Share> cohort,
            Measured measured) {
        int turn = measured.turn();
        List<Share> shares = cohort.stream().sorted(Comparator.comparing(Share::agent)).toList();
        Choice choice = choice(settings, rank, shares, turn);
        Worth worth = Worth.of(modules, rank, measured.modules());
        List<Client> clients =
                IntStream.range(0, shares.size())
                        .mapToObj(place -> client(shares.get(place), place, choice, worth, turn))
                        .toList();
        PlannedRanks plain =
                new PlannedRanks(choice, turn, measured.round(), modules, clients, List.of());
        return isFeedingTime(settings, plain) ? Starving.feed(plain, worth) : plain;
    }

    private static Choice choice(RankSpec settings, int rank, List<Share> clients, int turn) {
        return switch (settings.variant()) {
            case PREFIX -> Choice.PREFIX;
            case HOMOGENEOUS -> Choice.ALL;
            case FREEZING, TRUNCATION ->
                    turn < coldStart(settings, rank, clients)
                            ? Choice.COLD_START
                            : Choice.IMPORTANCE;
        };
    }

    /** How many rounds the windows rotate: as many as the weakest client needs to train all. */
    private static int coldStart(RankSpec settings, int rank, List<Share> clients) {
        if (settings.coldStartRounds() != null) {
            return settings.coldStartRounds();
        }
        int weakest = clients.stream().mapToInt(Share::rank).min().orElse(rank);
        return Math.ceilDiv(rank, weakest);
    }

    private static Client client(Share share, int place, Choice choice, Worth worth, int turn) {
        int wanted = share.rank();
        if (choice == Choice.ALL || wanted >= worth.rank()) {
            return new Client(share.agent(), wanted, null);
        }
        List<List<Integer>> components = new ArrayList<>();
        for (int module = 0; module < worth.importance().size(); module++) {
            components.add(
                    switch (choice) {
                        case COLD_START -> Choices.window(place, turn, wanted, worth.rank());
                        case IMPORTANCE -> Choices.top(worth.importance().get(module), wanted);
                        case PREFIX, ALL -> Choices.prefix(wanted);
                    });
        }
        return new Client(share.agent(), wanted, components);
    }

    /** Every so many published rounds, once the cold start is over. */
    private static boolean isFeedingTime(RankSpec settings, PlannedRanks plan) {
        int every = settings.starvationEvery();
        return plan.choice == Choice.IMPORTANCE && every > 0 && (plan.turn + 1) % every == 0;
    }

    /** What part of the adapter one client trains and uploads. */
    public Scope scope(AgentName agent) {
        List<List<Integer>> components = client(agent).map(Client::components).orElse(null);
        if (components == null) {
            return Scope.whole();
        }
        Map<String, List<Integer>> byModule = new TreeMap<>();
        for (int module = 0; module < modules.size(); module++) {
            byModule.put(modules.get(module), components.get(module));
        }
        return new Scope(null, byModule);
    }

    /** What one client is to do with them; absent where it is not in the cohort. */
    public @Nullable RankPlan of(AgentName agent, RankSpec settings) {
        boolean truncated =
                switch (settings.variant()) {
                    case TRUNCATION, PREFIX -> true;
                    case FREEZING, HOMOGENEOUS -> false;
                };
        ImportanceSpec measure =
                settings.importance().source() == ImportanceSpec.Source.CLIENT_GRADIENT
                        ? settings.importance()
                        : null;
        return client(agent)
                .map(client -> new RankPlan(client.rank(), truncated, measure))
                .orElse(null);
    }

    /** How many components of every module each client was allotted, by the name of its agent. */
    public Map<String, Integer> ranks() {
        Map<String, Integer> ranks = new TreeMap<>();
        clients.forEach(client -> ranks.put(client.agent().value(), client.rank()));
        return ranks;
    }

    public Optional<Client> client(AgentName agent) {
        int at =
                Collections.binarySearch(
                        clients, new Client(agent, 0, null), Comparator.comparing(Client::agent));
        return at < 0 ? Optional.empty() : Optional.of(clients.get(at));
    }
}
