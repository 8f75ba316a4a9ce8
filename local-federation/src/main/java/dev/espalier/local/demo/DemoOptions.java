package dev.espalier.local.demo;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the user of the demo can choose.
 *
 * @param home everything that the demo keeps lies in this folder
 * @param data a folder of labelled text; absent: the SpamAssassin corpus
 * @param mails at most so many, test mail included; 0 for all
 * @param length longest input in tokens
 * @param epochs passes over a provider's examples in every round
 * @param alpha how evenly labels are spread over the providers: small is lopsided
 * @param report where the JSON report goes; absent: nowhere
 */
public record DemoOptions(
        Path home,
        @Nullable Path data,
        int clients,
        int rounds,
        int mails,
        int length,
        int epochs,
        long seed,
        double alpha,
        @Nullable Path report,
        boolean keepRunning) {

    public DemoOptions {
        home = home.toAbsolutePath().normalize();
        require(clients >= 1 && clients <= 100, "--clients must be from 1 to 100");
        require(rounds >= 1 && rounds <= 1000, "--rounds must be from 1 to 1000");
        require(mails >= 0, "--mails must be 0 (all) or more");
        require(length >= 8 && length <= 512, "--length must be from 8 to 512 tokens");
        require(epochs >= 1 && epochs <= 100, "--epochs must be from 1 to 100");
        require(alpha > 0 && alpha <= 1e6, "--alpha must be above 0");
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
