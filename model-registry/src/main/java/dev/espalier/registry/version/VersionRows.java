package dev.espalier.registry.version;

import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

interface VersionRows extends Repository<VersionRow, VersionId> {

    VersionRow save(VersionRow row);

    Optional<VersionRow> findById(VersionId id);

    @Query("select v from Version v where v.id.model = :model and v.publicationKey = :key")
    Optional<VersionRow> findByKey(String model, String key);

    @Query("select v from Version v where v.id.model = :model order by v.id.number")
    List<VersionRow> findByModel(String model);
}
