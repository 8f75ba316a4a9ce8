/**
 * What the registry publishes: versions as manifests of content-addressed files, their structure,
 * lineage and metrics.
 *
 * <p>May enter: messages of the registry and the facts about a model that others plan with. <br>
 * Stays outside: storage, tensor values.
 */
@NullMarked
package dev.espalier.protocol.model;

import org.jspecify.annotations.NullMarked;
