package dev.espalier.benchmarks.measure;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one arm must reach in comparison with another.
 *
 * @param id for programs
 * @param arm the one that is judged
 * @param against what it is compared with
 * @param bound see {@link Kind}
 */
public record Goal(String id, String arm, String against, Figure figure, Kind kind, double bound) {

    /** How two figures are compared. */
    public enum Kind {
        /** {@code 100 * (against - arm)} must be below the bound: points of percent. */
        DROP_BELOW,
        /** {@code against / arm} must be the bound or more. */
        TIMES_LESS
    }

    /**
     * @param measured by how much, in the terms of the goal; absent: not measured
     * @param missedBy how far the measured value is on the wrong side of the bound
     */
    public record Verdict(
            String goal,
            String arm,
            String against,
            String figure,
            Kind kind,
            double bound,
            @Nullable Double measured,
            boolean met,
            @Nullable Double missedBy) {}

    /**
     * @param arms by name; an arm that was not run is judged as not measured
     */
    public Verdict judge(Map<String, Figures> arms) {
        Double measured = measured(arms.get(arm), arms.get(against));
        boolean met =
                measured != null
                        && switch (kind) {
                            case DROP_BELOW -> measured < bound;
                            case TIMES_LESS -> measured >= bound;
                        };
        Double missedBy = measured == null || met ? null : Math.abs(measured - bound);
        return new Verdict(
                id, arm, against, figure.inReport(), kind, bound, measured, met, missedBy);
    }

    private @Nullable Double measured(@Nullable Figures judged, @Nullable Figures compared) {
        Double mine = judged == null ? null : figure.of(judged);
        Double theirs = compared == null ? null : figure.of(compared);
        if (mine == null || theirs == null) {
            return null;
        }
        return switch (kind) {
            case DROP_BELOW -> 100 * (theirs - mine);
            case TIMES_LESS -> mine == 0 ? null : Double.valueOf(theirs / mine);
        };
    }
}
