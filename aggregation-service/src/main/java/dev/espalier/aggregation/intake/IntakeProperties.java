package dev.espalier.aggregation.intake;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What an update may be at most.
 *
 * @param sizeFactor largest file, as a multiple of the bytes of all values in f32; more than 1
 *     leaves room for index sets
 * @param sizeOverhead added to that, for the file's header
 * @param manifestSize longest manifest; one that names every head of a large model has a tenth
 * @param mostExamples largest number of training examples one agent may claim, since that is its
 *     weight
 */
@ConfigurationProperties("espalier.intake")
record IntakeProperties(
        @DefaultValue("1.5") double sizeFactor,
        @DefaultValue("1MB") DataSize sizeOverhead,
        @DefaultValue("1MB") DataSize manifestSize,
        @DefaultValue("1000000000") long mostExamples) {

    IntakeProperties {
        if (!(sizeFactor >= 1)
                || sizeOverhead.isNegative()
                || manifestSize.isNegative()
                || mostExamples < 1) {
            throw new IllegalArgumentException(
                    "espalier.intake needs size-factor >= 1, size-overhead >= 0, manifest-size >="
                            + " 0 and most-examples >= 1: "
                            + this);
        }
    }

    /**
     * @param denseBytes of all values that an update may hold, in f32
     */
    long largestFile(long denseBytes) {
        return (long) Math.ceil(sizeFactor * denseBytes) + sizeOverhead.toBytes();
    }
}
