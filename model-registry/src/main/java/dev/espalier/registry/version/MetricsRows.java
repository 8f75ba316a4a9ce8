package dev.espalier.registry.version;

import java.time.Instant;
import java.util.List;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Transactional;

interface MetricsRows extends Repository<MetricsRow, MetricsId> {

    @Query(
            """
            select m from Metrics m where m.id.model = :model and m.id.number = :number
            order by m.id.data
            """)
    List<MetricsRow> find(String model, int number);

    /** Keeps metrics in the place of earlier ones; 0 where the very same was kept already. */
    @Transactional
    @Modifying
    @Query(
            value =
                    """
                    insert into {h-schema}version_metrics as kept
                        (model, number, data, examples, metrics, measured_at)
                    values (:model, :number, :data, :examples, :metrics, :now)
                    on conflict (model, number, data) do update
                    set examples = excluded.examples, metrics = excluded.metrics,
                        measured_at = excluded.measured_at
                    where (kept.examples, kept.metrics) <> (excluded.examples, excluded.metrics)
                    """,
            nativeQuery = true)
    int put(String model, int number, String data, long examples, String metrics, Instant now);
}
