package dev.espalier.protocol;

import java.util.UUID;

/** Reads canonical UUIDs only; {@code UUID.fromString} alone takes "1-1-1-1-1" for one. */
final class Uuids {

    private Uuids() {}

    static UUID parse(String what, String text) {
        try {
            UUID uuid = UUID.fromString(text);
            if (uuid.toString().equalsIgnoreCase(text)) {
                return uuid;
            }
        } catch (IllegalArgumentException notAUuid) {
            // answered below, like every other text that is none
        }
        throw new IllegalArgumentException(what + " must be a UUID");
    }
}
