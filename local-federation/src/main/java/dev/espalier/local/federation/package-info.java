/**
 * The three services and the agents, each a Spring context of its own on a real port, started and
 * stopped together or one at a time. The demo and the whole-system tests use the same class.
 *
 * <p>May enter: who is started with which settings, ports, the order of starting and stopping. <br>
 * Stays outside: jobs, data, models; what a part does once it runs.
 */
@NullMarked
package dev.espalier.local.federation;

import org.jspecify.annotations.NullMarked;
