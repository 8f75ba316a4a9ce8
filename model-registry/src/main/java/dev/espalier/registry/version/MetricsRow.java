package dev.espalier.registry.version;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.model.VersionMetrics;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;

/**
 * What the latest evaluation of a version on some data gave. Written by {@link MetricsRows#put}.
 */
@Entity(name = "Metrics")
@Table(name = "version_metrics")
class MetricsRow {

    @EmbeddedId private MetricsId id;
    private long examples;
    private String metrics;
    private Instant measuredAt;

    @SuppressWarnings("NullAway.Init") // filled by Hibernate
    protected MetricsRow() {}

    VersionMetrics view() {
        return new VersionMetrics(new DataName(id.data()), examples, StoredJson.metrics(metrics));
    }

    Instant measuredAt() {
        return measuredAt;
    }
}
