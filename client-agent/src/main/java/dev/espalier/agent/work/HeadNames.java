package dev.espalier.agent.work;

import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.ModelStructure;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Heads by name of their block, as messages have them, and block by block, as the library has. */
final class HeadNames {

    private HeadNames() {}

    /**
     * @param heads by block; none of a block that is not named
     * @throws CannotDoException if the model has no such block or head
     */
    static HeadMask mask(ModelStructure model, Map<String, List<Integer>> heads) {
        List<AttentionBlock> blocks = model.attention();
        boolean[][] kept = new boolean[blocks.size()][];
        Map<String, List<Integer>> left = new TreeMap<>(heads);
        for (int block = 0; block < kept.length; block++) {
            kept[block] = new boolean[blocks.get(block).heads()];
            List<Integer> named = left.remove(blocks.get(block).name());
            for (int head : named == null ? List.<Integer>of() : named) {
                if (head < 0 || head >= kept[block].length) {
                    throw unknown(blocks.get(block).name() + " has no head " + head);
                }
                kept[block][head] = true;
            }
        }
        if (!left.isEmpty()) {
            throw unknown("there is no attention block " + left.keySet());
        }
        return HeadMask.of(kept);
    }

    private static CannotDoException unknown(String what) {
        return new CannotDoException("the plan names heads that the model does not have: " + what);
    }

    /** Every block of the model, those without heads too. */
    static Map<String, List<Integer>> kept(ModelStructure model, HeadMask mask) {
        Map<String, List<Integer>> kept = new TreeMap<>();
        for (int block = 0; block < mask.blocks(); block++) {
            kept.put(model.attention().get(block).name(), mask.keptHeads(block));
        }
        return kept;
    }
}
