package dev.espalier.lm.sensitivity;

/** What of an element's history counts. */
public enum ElementScore {
    /** The smoothed sensitivity alone. */
    SMOOTHED {
        @Override
        double of(double smoothed, double uncertainty) {
            return smoothed;
        }
    },
    /** AdaLoRA's: smoothed sensitivity times its uncertainty. */
    ADALORA {
        @Override
        double of(double smoothed, double uncertainty) {
            return smoothed * uncertainty;
        }
    };

    abstract double of(double smoothed, double uncertainty);
}
