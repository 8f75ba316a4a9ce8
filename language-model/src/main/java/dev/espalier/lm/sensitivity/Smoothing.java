package dev.espalier.lm.sensitivity;

/**
 * How long old steps are remembered.
 *
 * @param sensitivity share of the old mean that is kept per step (AdaLoRA's β1), in [0, 1)
 * @param uncertainty share of the old uncertainty that is kept per step (AdaLoRA's β2), in [0, 1)
 */
public record Smoothing(double sensitivity, double uncertainty) {

    public Smoothing {
        requireShare("sensitivity", sensitivity);
        requireShare("uncertainty", uncertainty);
    }

    /** 0.85 for both, as in PEFT and loralib. */
    public static Smoothing defaults() {
        return new Smoothing(0.85, 0.85);
    }

    private static void requireShare(String name, double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1): " + share);
        }
    }
}
