/**
 * Versions from the registry: fetched once, kept by content, loaded once for all agents.
 *
 * <p>May enter: the cache's files, loaded base models and who uses them, what a model consists of.
 * <br>
 * Stays outside: training, the owner's data.
 */
@NullMarked
package dev.espalier.agent.model;

import org.jspecify.annotations.NullMarked;
