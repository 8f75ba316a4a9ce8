package dev.espalier.registry.version;

import jakarta.persistence.Embeddable;

/** Metrics are kept once per version and data name. */
@Embeddable
record MetricsId(String model, int number, String data) {}
