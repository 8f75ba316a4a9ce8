package dev.espalier.registry.blob;

import dev.espalier.protocol.Digest;
import dev.espalier.transfer.IncompleteBodyException;
import dev.espalier.transfer.OffsetMismatchException;
import dev.espalier.transfer.StagedUpload;
import dev.espalier.transfer.TooLargeException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes blobs in. A blob counts once all its bytes were checked, lie durably in the store and have
 * their row, in that order; a crash in between costs at most another upload.
 */
public final class Blobs {

    private static final Logger log = LoggerFactory.getLogger(Blobs.class);

    private final BlobStore store;
    private final StagingArea staging;
    private final BlobRows rows;
    private final InstantSource clock;
    private final long maxSize;
    private final Counter bytesIn;

    Blobs(
            BlobStore store,
            StagingArea staging,
            BlobRows rows,
            InstantSource clock,
            long maxSize,
            MeterRegistry meters) {
        this.store = store;
        this.staging = staging;
        this.rows = rows;
        this.clock = clock;
        this.maxSize = maxSize;
        this.bytesIn =
                Counter.builder("espalier.registry.blob.received")
                        .description("bytes of uploads that were kept")
                        .baseUnit("bytes")
                        .register(meters);
    }

    /** Sizes of those that are there; the others are missing in the answer. */
    public Map<Digest, Long> sizes(Collection<Digest> digests) {
        return rows.findByDigestIn(digests.stream().map(Digest::hex).distinct().toList()).stream()
                .collect(Collectors.toMap(row -> new Digest(row.digest()), BlobRow::size));
    }

    /**
     * Size of a blob that counts; empty too where its file was lost, so that it can be sent again.
     */
    OptionalLong size(Digest digest) throws IOException {
        Optional<BlobRow> row = rows.findByDigest(digest.hex());
        OptionalLong stored = store.size(digest);
        return row.isPresent() && stored.equals(OptionalLong.of(row.get().size()))
                ? stored
                : OptionalLong.empty();
    }

    /** Bytes of an unfinished upload; 0 where nothing came yet. */
    long offset(Digest digest) throws IOException {
        return staging.offset(digest);
    }

    /**
     * Takes a whole blob.
     *
     * @param length announced length of the body, in bytes
     */
    Intake takeWhole(Digest digest, InputStream body, long length) throws IOException {
        if (length > maxSize) {
            return new Intake.TooLarge(maxSize);
        }
        OptionalLong held = size(digest);
        if (held.isPresent()) {
            return passOver(body, held.getAsLong());
        }
        try (StagingArea.Place place = staging.fresh(digest)) {
            return take(digest, place.upload(), new Piece(0, length, length), body);
        }
    }

    /** Takes the next piece of a blob. */
    Intake takePiece(Digest digest, Piece piece, InputStream body) throws IOException {
        if (piece.total() > maxSize) {
            return new Intake.TooLarge(maxSize);
        }
        OptionalLong held = size(digest);
        if (held.isPresent()) {
            return passOver(body, held.getAsLong());
        }
        var place = staging.resume(digest);
        if (place.isEmpty()) {
            return new Intake.Elsewhere(staging.offset(digest));
        }
        try (StagingArea.Place taken = place.get()) {
            return take(digest, taken.upload(), piece, body);
        }
    }

    private Intake take(Digest digest, StagedUpload upload, Piece piece, InputStream body)
            throws IOException {
        try {
            long reached = upload.append(piece.offset(), body, piece.length(), piece.total());
            bytesIn.increment((double) piece.length());
            return reached < piece.total()
                    ? new Intake.Unfinished(reached)
                    : finish(digest, upload, reached);
        } catch (OffsetMismatchException elsewhere) {
            return new Intake.Elsewhere(elsewhere.actual());
        } catch (IncompleteBodyException broken) {
            return new Intake.BrokenOff(String.valueOf(broken.getMessage()));
        } catch (TooLargeException more) {
            return new Intake.TooLarge(piece.total());
        }
    }

    private Intake finish(Digest digest, StagedUpload upload, long size) throws IOException {
        Digest found = upload.digest();
        if (!found.equals(digest)) {
            upload.delete();
            log.warn("blob refused digest={} found={} bytes={}", digest, found, size);
            return new Intake.OtherBytes(found);
        }
        store.store(digest, upload.file());
        upload.delete();
        if (rows.insertIfNew(digest.hex(), size, clock.instant()) == 0) {
            return new Intake.AlreadyHeld(size);
        }
        log.info("blob stored digest={} bytes={}", digest, size);
        return new Intake.Stored(size);
    }

    /** Reads what the caller is still sending: one that is cut off never sees the good answer. */
    private static Intake passOver(InputStream body, long held) throws IOException {
        body.transferTo(OutputStream.nullOutputStream());
        return new Intake.AlreadyHeld(held);
    }

    /**
     * A part of a blob.
     *
     * @param offset where it begins
     * @param length its bytes
     * @param total bytes of the whole blob
     */
    record Piece(long offset, long length, long total) {}
}
