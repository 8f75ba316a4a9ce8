package dev.espalier.aggregation.neighbour;

/** What the files of versions are called, by the conventions of PEFT and of Hugging Face. */
public final class VersionPaths {

    public static final String ADAPTER_WEIGHTS = "adapter_model.safetensors";
    public static final String ADAPTER_CONFIG = "adapter_config.json";
    public static final String MODEL_WEIGHTS = "model.safetensors";
    public static final String MODEL_WEIGHTS_INDEX = "model.safetensors.index.json";
    public static final String MODEL_CONFIG = "config.json";

    private VersionPaths() {}
}
