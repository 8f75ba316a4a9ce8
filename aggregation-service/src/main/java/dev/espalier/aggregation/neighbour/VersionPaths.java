package dev.espalier.aggregation.neighbour;

import dev.espalier.protocol.model.VersionFile;

/** What the files of versions are called, by the conventions of PEFT and of Hugging Face. */
public final class VersionPaths {

    public static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";
    public static final String ADAPTER_CONFIG = "adapter_config.json";

    /** Ours: what a rule carries from round to round. PEFT leaves it alone. */
    public static final String AGGREGATION_STATE = VersionFile.AGGREGATION_STATE;

    public static final String MODEL_WEIGHTS = "model.safetensors";
    public static final String MODEL_WEIGHTS_INDEX = "model.safetensors.index.json";

    /**
     * Ours: a bit for every weight of a pruned matrix. Whoever reads the weights alone finds zeros.
     */
    public static final String MODEL_MASK = "mask.safetensors";

    public static final String MODEL_CONFIG = "config.json";

    private VersionPaths() {}
}
