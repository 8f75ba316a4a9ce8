package dev.espalier.lm.adapter;

/** Names of an adapter's tensors, exactly as PEFT stores them. */
public final class AdapterKey {

    /** In front of every module path. */
    static final String PREFIX = "base_model.model.";

    private AdapterKey() {}

    /** A of a module, [rank, in]. */
    public static String a(String module) {
        return PREFIX + module + ".lora_A.weight";
    }

    /** B of a module, [out, rank]. */
    public static String b(String module) {
        return PREFIX + module + ".lora_B.weight";
    }

    /** A tensor of the base that the adapter replaces. */
    static String replaced(String tensor) {
        return PREFIX + tensor;
    }
}
