package dev.espalier.registry.model;

import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface ModelRows extends Repository<ModelRow, String> {

    Optional<ModelRow> findByName(String name);

    List<ModelRow> findAllByOrderByName();

    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select m from Model m where m.name = :name")
    Optional<ModelRow> lock(String name);

    /** Adds a model without versions; 0 where it exists. */
    @Modifying
    @Query(
            value =
                    """
                    insert into {h-schema}model (name, versions, created_at)
                    values (:name, 0, :now) on conflict do nothing
                    """,
            nativeQuery = true)
    int insertIfNew(String name, Instant now);
}
