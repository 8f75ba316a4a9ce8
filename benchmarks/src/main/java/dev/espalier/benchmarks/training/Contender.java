package dev.espalier.benchmarks.training;

import java.io.IOException;

/** Something that can be asked for steps, one block after the other. */
interface Contender {

    String name();

    Spent run(int steps) throws IOException;
}
