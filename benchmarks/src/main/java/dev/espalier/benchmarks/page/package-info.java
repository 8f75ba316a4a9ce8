/**
 * What an experiment gave, for people: a page in Markdown with tables, and plots in SVG.
 *
 * <p>May enter: layout. <br>
 * Stays outside: figures are taken from {@code report} as they are.
 */
@NullMarked
package dev.espalier.benchmarks.page;

import org.jspecify.annotations.NullMarked;
