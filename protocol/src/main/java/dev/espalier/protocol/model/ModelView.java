package dev.espalier.protocol.model;

import dev.espalier.protocol.ModelName;
import java.time.Instant;
import java.util.Map;

/**
 * A model in the registry.
 *
 * @param versions how many it has; they are numbered from 1
 * @param aliases number by alias
 */
public record ModelView(
        ModelName name,
        String description,
        int versions,
        Map<String, Integer> aliases,
        Instant createdAt) {}
