/**
 * Models: named rows of versions, numbered from 1 without gaps.
 *
 * <p>May enter: a model's name, description, counter and the names that point at its versions. <br>
 * Stays outside: what a version consists of, and the rule by which an alias may move.
 */
@NullMarked
package dev.espalier.registry.model;

import org.jspecify.annotations.NullMarked;
