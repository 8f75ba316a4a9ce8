package dev.espalier.orchestrator.assignment;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface TokenKeyRepository extends JpaRepository<TokenKeyEntity, Integer> {

    /** Keeps the first one, whichever replica drew it. */
    @Modifying
    @Query(
            value =
                    "insert into {h-schema}token_key (id, secret) values (1, :secret)"
                            + " on conflict do nothing",
            nativeQuery = true)
    void keepFirst(byte[] secret);
}
