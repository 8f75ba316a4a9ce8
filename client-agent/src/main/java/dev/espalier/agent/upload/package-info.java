/**
 * Updates on their way out: written as a file, sent, acknowledged.
 *
 * <p>May enter: trained tensors, what the scope names of them, how precisely they are sent, the
 * manifest. <br>
 * Stays outside: the owner's data; how tensors were trained.
 */
@NullMarked
package dev.espalier.agent.upload;

import org.jspecify.annotations.NullMarked;
