package dev.espalier.registry.blob;

import dev.espalier.protocol.Digest;

/** What became of bytes that a caller sent for a blob. All of these happen on a good day. */
sealed interface Intake {

    /** The blob is whole, checked and kept. */
    record Stored(long size) implements Intake {}

    /** It was kept before; as good as stored. */
    record AlreadyHeld(long size) implements Intake {}

    /** The piece is kept; the next one begins at {@code offset}. */
    record Unfinished(long offset) implements Intake {}

    /**
     * The piece does not begin where the bytes end, or another upload of the same blob is running.
     */
    record Elsewhere(long offset) implements Intake {}

    /** The connection ended before the announced length; what came is kept. */
    record BrokenOff(String reason) implements Intake {}

    /** All bytes came but they are others than the name says. They are gone. */
    record OtherBytes(Digest found) implements Intake {}

    record TooLarge(long allowed) implements Intake {}
}
