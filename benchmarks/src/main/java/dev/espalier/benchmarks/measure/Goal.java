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
 * @param origin where the gap begins that {@link Kind#GAP_CLOSED} measures; absent for other kinds
 */
public record Goal(
        String id,
        String arm,
        String against,
        Figure figure,
        Kind kind,
        double bound,
        @Nullable String origin) {

    private static final double PERCENT = 100;

    /** One that compares two arms. */
    public Goal(String id, String arm, String against, Figure figure, Kind kind, double bound) {
        this(id, arm, against, figure, kind, bound, null);
    }

    /**
     * So many percent of the way from one arm to another.
     *
     * @param from where the way begins
     * @param to where it ends
     */
    public static Goal gapClosed(
            String id, String arm, String from, String to, Figure figure, double percent) {
        return new Goal(id, arm, to, figure, Kind.GAP_CLOSED, percent, from);
    }

    /** How two figures are compared. */
    public enum Kind {
        /** {@code 100 * (against - arm)} must be below the bound: points of percent. */
        DROP_BELOW,
        /** {@code 100 * (against - arm)} must be the bound or less: points of percent. */
        DROP_AT_MOST,
        /** {@code against / arm} must be the bound or more. */
        TIMES_LESS,
        /** {@code 100 * (1 - arm / against)} must be the bound or more. */
        PERCENT_LESS,
        /** {@code 100 * (1 - arm / against)} must be above the bound. */
        PERCENT_BETTER,
        /** {@code 100 * (arm / against - 1)} must be the bound or less. */
        PERCENT_ABOVE_AT_MOST,
        /** {@code 100 * (origin - arm) / (origin - against)} must be the bound or more. */
        GAP_CLOSED,
        /**
         * {@code against - arm} must be above the bound. An absent figure is one that was never
         * reached: every number is fewer than never, and never is fewer than nothing.
         */
        FEWER;

        private @Nullable Double measure(
                @Nullable Double arm, @Nullable Double against, @Nullable Double origin) {
            if (arm == null || against == null) {
                return null;
            }
            return switch (this) {
                case DROP_BELOW, DROP_AT_MOST -> PERCENT * (against - arm);
                case TIMES_LESS -> arm == 0 ? null : Double.valueOf(against / arm);
                case PERCENT_LESS, PERCENT_BETTER ->
                        against == 0 ? null : Double.valueOf(PERCENT * (1 - arm / against));
                case PERCENT_ABOVE_AT_MOST ->
                        against == 0 ? null : Double.valueOf(PERCENT * (arm / against - 1));
                case GAP_CLOSED ->
                        origin == null || origin.equals(against)
                                ? null
                                : Double.valueOf(PERCENT * (origin - arm) / (origin - against));
                case FEWER -> against - arm;
            };
        }

        private boolean meets(double measured, double bound) {
            return switch (this) {
                case DROP_BELOW -> measured < bound;
                case DROP_AT_MOST, PERCENT_ABOVE_AT_MOST -> measured <= bound;
                case TIMES_LESS, PERCENT_LESS, GAP_CLOSED -> measured >= bound;
                case FEWER, PERCENT_BETTER -> measured > bound;
            };
        }
    }

    /**
     * @param value the figure of the arm; absent: not measured, or never reached
     * @param comparedWith the figure of the other
     * @param measured by how much, in the terms of the goal; absent where it is no number
     * @param missedBy how far the measured value is on the wrong side of the bound
     */
    public record Verdict(
            String goal,
            String arm,
            String against,
            String figure,
            Kind kind,
            double bound,
            @Nullable Double value,
            @Nullable Double comparedWith,
            @Nullable Double measured,
            boolean met,
            @Nullable Double missedBy) {}

    /**
     * @param arms by name; an arm that was not run is judged as not measured
     */
    public Verdict judge(Map<String, Result> arms) {
        Result judged = arms.get(arm);
        Result compared = arms.get(against);
        Double mine = judged == null ? null : figure.of(judged);
        Double theirs = compared == null ? null : figure.of(compared);
        Result begin = origin == null ? null : arms.get(origin);
        Double measured = kind.measure(mine, theirs, begin == null ? null : figure.of(begin));
        boolean onlyTheyNever =
                kind == Kind.FEWER && compared != null && mine != null && theirs == null;
        boolean met = onlyTheyNever || (measured != null && kind.meets(measured, bound));
        return new Verdict(
                id,
                arm,
                against,
                figure.inReport(),
                kind,
                bound,
                mine,
                theirs,
                measured,
                met,
                measured == null || met ? null : Math.abs(measured - bound));
    }
}
