package dev.espalier.registry.blob;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Transactional;

interface BlobRows extends Repository<BlobRow, String> {

    Optional<BlobRow> findByDigest(String digest);

    List<BlobRow> findByDigestIn(Collection<String> digests);

    /** Makes the blob count; 0 where another upload of it was faster. */
    @Transactional
    @Modifying
    @Query(
            value =
                    """
                    insert into {h-schema}blob (digest, size, created_at)
                    values (:digest, :size, :now) on conflict do nothing
                    """,
            nativeQuery = true)
    int insertIfNew(String digest, long size, Instant now);
}
