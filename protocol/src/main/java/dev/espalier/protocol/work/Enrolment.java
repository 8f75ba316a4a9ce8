package dev.espalier.protocol.work;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;

/**
 * Makes an agent known. The agent draws its own secret and keeps it before it asks, so that asking
 * again after a lost reply is free; the orchestrator stores only the secret's hash.
 *
 * @param secret at least 32 characters of unpadded base64url
 */
public record Enrolment(
        @NotNull
                @Pattern(
                        regexp = "[A-Za-z0-9_-]{32,128}",
                        message = "must be 32 to 128 characters of base64url")
                String secret,
        @Valid @NotNull Capabilities capabilities) {

    /** Without the secret, which must not reach a log. */
    @Override
    public String toString() {
        return "Enrolment[" + capabilities + "]";
    }
}
