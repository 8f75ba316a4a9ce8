package dev.espalier.orchestrator.job;

import dev.espalier.orchestrator.heads.HeadBudget;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.model.ModelStructure.Linear;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which head pruning makes sense, by itself and with a base (algorithms.md D.3). */
final class HeadRules {

    private HeadRules() {}

    static void values(String at, PhaseSpec.FineTune phase, List<Violation> found) {
        HeadPruningSpec heads = of(phase);
        if (heads == null) {
            if (phase.aggregation() instanceof AggregationSpec.HeadWeighted) {
                found.add(
                        Violation.combination(
                                at + ".aggregation.rule",
                                "HEAD_WEIGHTED needs pruning.heads, which says how heads are"
                                        + " scored"));
            }
            return;
        }
        String field = at + ".pruning.heads";
        schedule(field, heads, phase.rounds(), found);
        if (heads.minPerBlock() > 0 && heads.ranking() != HeadPruningSpec.Ranking.GLOBAL) {
            found.add(
                    Violation.combination(
                            field + ".minPerBlock",
                            "makes no sense with the ranking %s, only with GLOBAL"
                                    .formatted(heads.ranking())));
        }
    }

    static @Nullable HeadPruningSpec of(PhaseSpec.FineTune phase) {
        return phase.pruning() == null ? null : phase.pruning().heads();
    }

    private static void schedule(
            String field, HeadPruningSpec heads, int rounds, List<Violation> found) {
        BigDecimal initial = heads.initialSparsity();
        Integer ramp = heads.rampRounds();
        if (initial == null) {
            if (ramp != null) {
                found.add(
                        Violation.combination(
                                field + ".rampRounds",
                                "needs initialSparsity, from which the sparsity climbs"));
            }
            return;
        }
        if (heads.sparsity() != null && initial.compareTo(heads.sparsity()) >= 0) {
            found.add(
                    Violation.combination(
                            field + ".initialSparsity",
                            "must be below the sparsity %s to which it climbs"
                                    .formatted(heads.sparsity())));
        }
        if (ramp == null && rounds == 1) {
            found.add(
                    Violation.combination(
                            field + ".initialSparsity",
                            "needs a phase of at least 2 rounds to climb in"));
        }
        if (ramp != null && ramp > rounds) {
            found.add(
                    Violation.combination(
                            field + ".rampRounds",
                            ("must be at most the %d rounds of the phase, else the sparsity is"
                                            + " never reached")
                                    .formatted(rounds)));
        }
    }

    /**
     * @param targets the linears that the adapter adapts
     */
    static void fit(
            String at,
            PhaseSpec.FineTune phase,
            ModelStructure structure,
            Set<Linear> targets,
            List<Violation> found) {
        HeadPruningSpec heads = of(phase);
        if (heads == null) {
            return;
        }
        String field = at + ".pruning.heads";
        if (structure.attentionBlocks().isEmpty()) {
            found.add(Violation.fit(field, "the base has no attention blocks"));
            return;
        }
        names(field, structure, found);
        attention(at + ".adapter.targetModules", structure, targets, found);
        minimum(field + ".minPerBlock", heads, structure, found);
    }

    private static void names(String field, ModelStructure structure, List<Violation> found) {
        Set<String> seen = new HashSet<>();
        for (AttentionBlock block : structure.attentionBlocks()) {
            boolean named = !block.name().isBlank() && seen.add(block.name());
            boolean complete =
                    modules(block).allMatch(module -> structure.linear(module).isPresent());
            if (!named || !complete) {
                found.add(
                        Violation.fit(
                                field,
                                ("the base was registered without proper names of its attention"
                                     + " blocks: '%s' must be unique, and its query, key, value and"
                                     + " output be linears of the model")
                                        .formatted(block.name())));
                return;
            }
        }
    }

    private static void attention(
            String field, ModelStructure structure, Set<Linear> targets, List<Violation> found) {
        Set<String> attention =
                structure.attentionBlocks().stream()
                        .flatMap(HeadRules::modules)
                        .collect(Collectors.toSet());
        if (!targets.isEmpty()
                && targets.stream().noneMatch(target -> attention.contains(target.name()))) {
            found.add(
                    Violation.combination(
                            field,
                            "must name a linear of attention, since heads are pruned and nothing"
                                    + " that belongs to one is trained"));
        }
    }

    private static Stream<String> modules(AttentionBlock block) {
        return Stream.of(block.query(), block.key(), block.value(), block.output());
    }

    private static void minimum(
            String field, HeadPruningSpec heads, ModelStructure structure, List<Violation> found) {
        if (heads.ranking() != HeadPruningSpec.Ranking.GLOBAL
                || heads.minPerBlock() == 0
                || heads.sparsity() == null) {
            return; // or said already
        }
        int kept = HeadBudget.of(structure, heads.ranking(), heads.sparsity());
        long least = (long) heads.minPerBlock() * structure.attentionBlocks().size();
        int smallest =
                structure.attentionBlocks().stream()
                        .mapToInt(AttentionBlock::heads)
                        .min()
                        .orElseThrow();
        if (heads.minPerBlock() > smallest) {
            found.add(
                    Violation.fit(
                            field, "a block of the base has %d heads only".formatted(smallest)));
        } else if (least > kept) {
            found.add(
                    Violation.combination(
                            field,
                            "asks for %d heads in %d blocks, but the sparsity %s leaves %d"
                                    .formatted(
                                            least,
                                            structure.attentionBlocks().size(),
                                            heads.sparsity(),
                                            kept)));
        }
    }
}
