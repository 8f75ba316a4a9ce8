/**
 * Base models on their way into a registry.
 *
 * <p>May enter: folders and archives that hold a pretrained model, and their publication. <br>
 * Stays outside: jobs, training.
 */
@NullMarked
package dev.espalier.local.base;

import org.jspecify.annotations.NullMarked;
